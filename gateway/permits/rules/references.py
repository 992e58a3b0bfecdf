"""
The documents behind a line: the permit of origin (Box 12) and the certificate of last re-export (Box 12a).

The message keeps both as references of the line, told apart by their type only.
"""

from collections.abc import Iterator
from datetime import datetime

from gateway.permits.days import aware
from gateway.permits.findings import Area, Severity
from gateway.permits.model import Line, Permit, Reference
from gateway.permits.rules.context import Context
from gateway.permits.rules.registry import Breach, rule
from gateway.wording import Words, say

ORIGIN_PERMIT = "861"
"""Type of the reference that belongs to Box 12; de facto, the code list calls it a certificate of origin."""
LAST_CERTIFICATE = "811"
"""Type of the reference that belongs to Box 12a; de facto, the code list calls it an export licence."""
_REFERENCE_TYPES = frozenset({ORIGIN_PERMIT, LAST_CERTIFICATE})

_LAST = "Res. Conf. 12.3 Annex 2, note 12a"
_EXPORT = "EPIX form footnote (Box 12 only for re-export)"
_TYPES = "EPIX mapping of boxes 12 and 12a (type codes 861 and 811)"
_ORDER = "Logic of boxes 12, 12a and 13"


@rule("references.last-incomplete", box="12a", source=_LAST, types="R")
def last_incomplete(_permit: Permit, context: Context) -> Iterator[Breach]:
    """A line that was re-exported before gives country, number and date of the last certificate."""
    for item in context.items:
        references = item.line.references
        if not item.last_export:
            if references and any(is_of(reference, LAST_CERTIFICATE) for reference in references):
                yield Breach(
                    f"{item.where}.last_export.ids[0]",
                    say(
                        "{line} refers to a certificate of last re-export and does not say of which country; "
                        "write its code",
                        line=item.called,
                    ),
                )
            continue
        lack = lacks(item.line, LAST_CERTIFICATE)
        if lack is not None:
            yield Breach(
                f"{item.where}.references[{place_of(item.line, LAST_CERTIFICATE)}]",
                say(
                    "{line} was last re-exported from {country}, and the reference to that certificate lacks "
                    "{lack}; write a reference of type 811 with number and date",
                    line=item.called,
                    country=item.last_export,
                    lack=lack,
                ),
            )


@rule("references.last-here", box="12a", source=_LAST, types="R", severity=Severity.WARNING)
def last_here(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The country of last re-export is not the one that re-exports now."""
    for item in context.items:
        if item.last_export and item.last_export == context.exporter:
            yield Breach(
                f"{item.where}.last_export.ids[0]",
                say(
                    "{line} names {country} as country of last re-export, which is the country that "
                    "re-exports now; write the country from which they came, or leave Box 12a empty",
                    line=item.called,
                    country=item.last_export,
                ),
            )


@rule("references.order", box="12a", source=_ORDER, types="R", severity=Severity.WARNING)
def order(_permit: Permit, context: Context) -> Iterator[Breach]:
    """The certificate of last re-export is not older than the permit of origin."""
    for item in context.items:
        if not item.last_export:
            continue
        origins = _dates(item.line, ORIGIN_PERMIT)
        lasts = _dates(item.line, LAST_CERTIFICATE)
        if not origins or not lasts:
            continue
        (origin, _), (last, place) = min(origins), max(lasts)
        if _later(origin, last):
            yield Breach(
                f"{item.where}.references[{place}].issued_at",
                say(
                    "{line} was last re-exported with a certificate of {last}, which is before the permit of "
                    "origin of {origin}; correct one of the two dates",
                    line=item.called,
                    last=last.date(),
                    origin=origin.date(),
                ),
            )


@rule("references.last-on-export", box="12a", source=_EXPORT, types="E", severity=Severity.WARNING)
def last_on_export(_permit: Permit, context: Context) -> Iterator[Breach]:
    """An export permit names no country of last re-export."""
    for item in context.items:
        if item.last_export:
            yield Breach(
                f"{item.where}.last_export.ids[0]",
                say(
                    "{line} names {country} as country of last re-export, and the document is an export "
                    "permit; leave Box 12a empty, or issue a re-export certificate (type R)",
                    line=item.called,
                    country=item.last_export,
                ),
            )


@rule("references.type-unknown", box="12", source=_TYPES, area=Area.CODES)
def type_unknown(_permit: Permit, context: Context) -> Iterator[Breach]:
    """A reference of a line says whether it belongs to Box 12 or to Box 12a."""
    for item in context.items:
        for number, reference in enumerate(item.line.references):
            code = reference.type.value if reference.type else ""
            if code not in _REFERENCE_TYPES:
                yield Breach(
                    f"{item.where}.references[{number}].type",
                    say(
                        "the type of a reference of {line} is '{code}', which does not tell which box it "
                        "belongs to; write 861 for the permit of origin (Box 12), 811 for the certificate of "
                        "last re-export (Box 12a)",
                        line=item.called,
                        code=code,
                    ),
                )


@rule("references.after-issue", box="12", source=_ORDER)
def after_issue(permit: Permit, context: Context) -> Iterator[Breach]:
    """The permit of origin and the certificate of last re-export are not younger than this document."""
    issued = permit.issued_at
    if issued is None:
        return
    for item in context.items:
        for number, reference in enumerate(item.line.references):
            if reference.issued_at is not None and _later(reference.issued_at, issued):
                yield Breach(
                    f"{item.where}.references[{number}].issued_at",
                    say(
                        "{line} refers to a document of {date}, and this one was issued before, on {issued}; "
                        "correct the date of the reference",
                        line=item.called,
                        date=reference.issued_at.date(),
                        issued=issued.date(),
                    ),
                    "12a" if is_of(reference, LAST_CERTIFICATE) else "",
                )


def is_of(reference: Reference, type_code: str) -> bool:
    """Whether a reference has this type."""
    return reference.type is not None and reference.type.value == type_code


def place_of(line: Line, type_code: str) -> int:
    """Index of the first reference of this type; the next free one when there is none."""
    references = line.references
    places = (place for place, reference in enumerate(references) if is_of(reference, type_code))
    return next(places, len(references))


def lacks(line: Line, type_code: str) -> Words | None:
    """What the references of this type do not say; None when one of them has number and date."""
    number = date = False
    for reference in line.references:
        if is_of(reference, type_code):
            has_number = any(identifier.value for identifier in reference.numbers)
            if has_number and reference.issued_at is not None:
                return None
            number, date = number or has_number, date or reference.issued_at is not None
    if number and not date:
        return say("the date")
    return say("the number") if date and not number else say("the number and the date")


def _dates(line: Line, type_code: str) -> list[tuple[datetime, int]]:
    """When the references of this type were issued (aware), each with its place among the references."""
    return [
        (aware(reference.issued_at), place)
        for place, reference in enumerate(line.references)
        if reference.issued_at is not None and is_of(reference, type_code)
    ]


def _later(one: datetime, other: datetime) -> bool:
    """Whether a moment lies after another, and on a later day of its own zone than that on its."""
    return one.date() > other.date() and aware(one) > aware(other)
