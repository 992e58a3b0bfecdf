"""The boxes around the lines: 1 to 6 above them, 13 to 15 below (Res. Conf. 12.3, Annex 2)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gateway.permits.codes import code_lists
from gateway.permits.model import PERMIT_TYPES, Line, Permit
from gateway.rendering.entries import (
    Box,
    Entry,
    Look,
    codes_text,
    country,
    inspection,
    labelled,
    party,
    place,
    reference,
    signatory,
    texts,
)
from gateway.rendering.visible import in_one_line, visible
from gateway.rendering.voice import Voice
from gateway.wording import Words, say

TITLES: Mapping[str, Words] = {
    "1": say("Permit or certificate"),
    "2": say("Valid until"),
    "3": say("Importer (name and address)"),
    "3a": say("Country of import"),
    "4": say("Exporter or re-exporter (name, address and country)"),
    "5": say("Special conditions"),
    "5a": say("Purpose of the transaction"),
    "5b": say("Number of the security stamp"),
    "6": say("Management Authority (name, address, national seal and country)"),
    "7": say("Scientific name (genus and species)"),
    "8": say("Common name"),
    "9": say("Description of the specimens, with marks or numbers (age and sex if live)"),
    "10": say("Appendix and source"),
    "11": say("Quantity (with unit)"),
    "11a": say("Total exported and quota"),
    "12": say("Country of origin, permit number and date"),
    "12a": say("Country of last re-export, certificate number and date"),
    "12b": say("Number of the operation, or date of acquisition"),
    "13": say("This permit or certificate is issued by"),
    "14": say("Endorsement at export"),
    "15": say("Number of the bill of lading or air waybill"),
}
"""What stands beside the number of each box, in the order of the form."""

UNUSED: Mapping[str, frozenset[str]] = {
    "E": frozenset({"12", "12a"}),
    "R": frozenset({"11a"}),
    "I": frozenset({"11a", "14"}),
    "O": frozenset({"11a"}),
}
"""By type of document, the boxes that it does not use (notes on the form, Res. Conf. 12.3, Annex 2)."""


def box(voice: Voice, permit: Permit, number: str, entries: Iterable[Entry]) -> Box:
    """A box with its title; one that the type does not use counts as used when it holds something."""
    content = tuple(entries)
    used = bool(content) or number not in UNUSED.get(permit.type_code, frozenset())
    return Box(number, voice(TITLES[number]), content, used)


def opening_boxes(voice: Voice, permit: Permit) -> tuple[Box, ...]:
    """Boxes 1 to 6."""
    first = permit.first_signatory
    filled = {
        "1": _kind(voice, permit),
        "2": _validity(voice, permit),
        "3": party(voice, permit.importer),
        "3a": _country_of_import(voice, permit),
        "4": (*party(voice, permit.exporter), *_applicant(voice, permit)),
        "5": _conditions(voice, permit),
        "5a": _purpose(voice, permit),
        "5b": labelled("", codes_text(first.ids) if first else "", Look.STRONG),
        "6": signatory(voice, first, ids=False),
    }
    return tuple(box(voice, permit, number, entries) for number, entries in filled.items())


def closing_boxes(voice: Voice, permit: Permit, lines: Sequence[Line]) -> tuple[Box, ...]:
    """Boxes 13 to 15; Box 14 holds the endorsements of `lines`, those that stand on the form itself."""
    filled = {
        "13": _issue(voice, permit),
        "14": _endorsement(voice, permit, lines),
        "15": reference(voice, permit.transport_document, say("Number")),
    }
    return tuple(box(voice, permit, number, entries) for number, entries in filled.items())


def _kind(voice: Voice, permit: Permit) -> Iterator[Entry]:
    """The number, the four squares, and what the document calls itself."""
    yield from labelled(voice(say("Number")), visible(permit.number_text), Look.STRONG)
    for code, entry in code_lists().permit_type.entries.items():
        if code in PERMIT_TYPES:
            yield Entry(voice(entry.meaning), ticked=code == permit.type_code)
    if permit.type is not None and permit.type.value and not permit.type_code:
        yield Entry(voice.code(code_lists().permit_type, visible(permit.type.value)), voice(say("Type")))
    yield from texts(permit.names, voice(say("Document")))
    if permit.copy is not None:
        yield Entry(voice(say("Copy")) if permit.copy else voice(say("Original")))


def _validity(voice: Voice, permit: Permit) -> Iterator[Entry]:
    """The last day, and the first when the document says it."""
    if permit.valid_until is not None:
        yield Entry(voice.moment(permit.valid_until), look=Look.STRONG)
    if permit.valid_from is not None:
        yield Entry(voice.moment(permit.valid_from), voice(say("Valid from")))


def _country_of_import(voice: Voice, permit: Permit) -> Iterator[Entry]:
    """The country named apart (v1, v3), else that of the importer's address."""
    yield from country(voice, permit.import_country)
    code = permit.importer_country
    named = {identifier.value for identifier in permit.import_country.ids} if permit.import_country else set()
    if code and code not in named:
        yield Entry(voice.country(code), look=Look.STRONG)


def _applicant(voice: Voice, permit: Permit) -> Iterator[Entry]:
    """The second signatory, under a heading of its own."""
    entries = tuple(signatory(voice, permit.second_signatory))
    if entries:
        yield Entry(voice(say("Applicant:")))
        yield from entries


def _conditions(voice: Voice, permit: Permit) -> Iterator[Entry]:
    """Box 5, and the documents that this one refers to: on paper they are named there."""
    yield from texts(permit.special_conditions)
    for related in permit.references:
        yield from reference(voice, related, say("Related document"))


def _purpose(voice: Voice, permit: Permit) -> Iterator[Entry]:
    """Codes with their meaning, then the words."""
    for code in permit.purposes:
        if code.value:
            yield Entry(voice.code(code_lists().purpose, visible(code.value)), look=Look.STRONG)
    if permit.purpose is not None:
        yield from texts((permit.purpose,))


def _issue(voice: Voice, permit: Permit) -> Iterator[Entry]:
    """Date and place of issue, and the official."""
    if permit.issued_at is not None:
        yield Entry(voice.moment(permit.issued_at), voice(say("Date of issue")), Look.STRONG)
    yield from place(voice, permit.place_of_issue, voice(say("Place")))
    yield from signatory(voice, permit.third_signatory)


def _endorsement(voice: Voice, permit: Permit, lines: Sequence[Line]) -> Iterator[Entry]:
    """Line by line, then the whole consignment, then who signed."""
    for line in lines:
        for seen in line.inspections:
            yield from inspection(
                voice, seen, voice(say("Line {line}", line=in_one_line(line.letter) or "—"))
            )
    for seen in permit.inspections:
        yield from inspection(voice, seen, voice(say("Whole consignment")))
    yield from signatory(voice, permit.fourth_signatory)
