"""
How the specimens were come by (Box 12b): registered operations, dates of acquisition, and certificates that
say it.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from gateway.permits.codes import CodeList, Status
from gateway.permits.days import aware
from gateway.permits.findings import Severity
from gateway.permits.kinds import Kind, kind_of
from gateway.permits.model import Permit
from gateway.permits.rules.context import Context, Item, source_codes
from gateway.permits.rules.registry import Breach, rule
from gateway.wording import say

FIRST_OPERATION = 501
"""The register of captive-breeding operations numbers those of every country from here on."""

_REGISTER = "CITES register of captive-breeding operations, note 3; Convention Art. VII.4"
_ACQUISITION = "50 CFR 23.24; ONE Record mapping (Res. Conf. 13.6); Convention Art. VII.2"
_CERTIFICATES = "Convention Art. VII.2 and VII.5; 50 CFR 23.24; definitions of the source codes"

_OPERATION = re.compile(r"([AP])-([A-Z]{2})-([1-9][0-9]{2,5})")
"""A for animals. That plants have P is from memory, and that they have no first number is an assumption."""

_SOURCES_OF: Mapping[Kind, frozenset[str]] = MappingProxyType({
    Kind.CAPTIVE_BREEDING: frozenset("CD"),
    Kind.ARTIFICIAL_PROPAGATION: frozenset("AD"),
    Kind.PRE_CONVENTION: frozenset("O"),
})  # fmt: skip
"""What a certificate of that kind certifies, as sources of Box 10."""


@rule("acquisition.operation-missing", box="12b", source=_REGISTER)
def operation_missing(_permit: Permit, context: Context) -> Iterator[Breach]:
    """A line of source D names the registered operation."""
    for item in context.items:
        if _registered(item) and not any(number for _, number in _operations(item)):
            yield Breach(
                f"{item.where}.procedures[0].categories[0]",
                say(
                    "{line} has the source D and names no operation; write the number of the register in "
                    "Box 12b, for example A-CH-501",
                    line=item.called,
                ),
            )


@rule("acquisition.operation-malformed", box="12b", source=_REGISTER, severity=Severity.WARNING)
def operation_malformed(_permit: Permit, context: Context) -> Iterator[Breach]:
    """
    The number of a registered operation has the form A-XX-NNN, counted from 501.

    A warning only: a document does not say whether the species is a plant, and how plant nurseries are
    numbered is not certain (here: P-XX-NNN). One good number among several is enough, because the message
    has two places for it and senders write other things there too.
    """
    for item in context.items:
        if not _registered(item):
            continue
        found = [(where, number) for where, number in _operations(item) if number]
        if found and not any(_is_operation(number, context.lists.country) for _, number in found):
            where, number = found[0]
            yield Breach(
                where,
                say(
                    "the operation of {line} is '{number}', which is no number of the register; write A, the "
                    "code of the country and a number from 501, for example A-CH-501 (P for plants)",
                    line=item.called,
                    number=number,
                ),
            )


@rule("acquisition.date-missing", box="12b", source=_ACQUISITION)
def date_missing(_permit: Permit, context: Context) -> Iterator[Breach]:
    """A line of source O (pre-Convention) gives the date of acquisition."""
    for item in context.items:
        if not _has_source(item, "O"):
            continue
        if all(procedure.acquired_at is None for procedure in item.line.procedures):
            yield Breach(
                f"{item.where}.procedures[0].acquired_at",
                say(
                    "{line} is pre-Convention (source O) and has no date of acquisition; write it in Box 12b",
                    line=item.called,
                ),
            )


@rule("acquisition.date-after-issue", box="12b", source=_ACQUISITION)
def date_after_issue(permit: Permit, context: Context) -> Iterator[Breach]:
    """The specimens were acquired before the document was issued."""
    issued = permit.issued_at
    if issued is None:
        return
    for item in context.items:
        for number, procedure in enumerate(item.line.procedures):
            acquired = procedure.acquired_at
            if acquired is None or acquired.date() <= issued.date() or aware(acquired) <= aware(issued):
                continue
            yield Breach(
                f"{item.where}.procedures[{number}].acquired_at",
                say(
                    "{line} was acquired on {date}, after the issue of the document on {issued}; "
                    "correct the date of acquisition",
                    line=item.called,
                    date=acquired.date(),
                    issued=issued.date(),
                ),
            )


@rule("acquisition.certificate-source", box="10", source=_CERTIFICATES, types="O")
def certificate_source(permit: Permit, context: Context) -> Iterator[Breach]:
    """A certificate of breeding, propagation or pre-Convention specimens has the source that it certifies."""
    expected = _SOURCES_OF.get(kind_of(permit))
    if expected is None:
        return
    for where, item, specimen, _ in context.specimens():
        text = specimen.source.value if specimen.source else ""
        if text and not expected & source_codes(text):
            yield Breach(
                f"{where}.source",
                say(
                    "the source of {line} is '{code}', which is not what this document ({name}) certifies; "
                    "write one of {codes}, or issue another document",
                    line=item.called,
                    code=text,
                    name=permit.names[0].value,
                    codes=", ".join(sorted(expected)),
                ),
            )


def _has_source(item: Item, code: str) -> bool:
    """Whether one of the specimens of a line has this source."""
    if len(item.line.specimens) > 1:
        return any(one.source is not None and code in one.source.value for one in item.line.specimens)
    return code in item.source


def _registered(item: Item) -> bool:
    """Whether one of the specimens comes from a registered operation."""
    return _has_source(item, "D")


def _operations(item: Item) -> Iterator[tuple[str, str]]:
    """Model path and text of everything that may be the number of an operation."""
    for index, procedure in enumerate(item.line.procedures):
        where = f"{item.where}.procedures[{index}]"
        for number, category in enumerate(procedure.categories):
            yield f"{where}.categories[{number}]", category.value
        for place, document in enumerate(procedure.previous_documents):
            for number, identifier in enumerate(document.numbers):
                yield f"{where}.previous_documents[{place}].numbers[{number}]", identifier.value


def _is_operation(number: str, countries: CodeList) -> bool:
    """Whether a number can stand in the register."""
    match = _OPERATION.fullmatch(number)
    if match is None:
        return False
    country = countries.get(match[2])
    known = country is not None and country.status is Status.CURRENT
    return known and (match[1] == "P" or int(match[3]) >= FIRST_OPERATION)
