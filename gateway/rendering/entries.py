"""What stands in a box: values of the permit as labelled texts, each value shown, none twice."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.permits.codes import code_lists
from gateway.permits.model import Address, Country, Inspection, Location, Party, Period, Reference, Signatory
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Identifier, Text
from gateway.rendering.visible import visible
from gateway.rendering.voice import Voice
from gateway.wording import Words, say


class Look(StrEnum):
    """How a text is set."""

    PLAIN = "plain"
    STRONG = "strong"
    """What the box is about: a name, a number, a quantity."""
    LATIN = "latin"
    """A scientific name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One text in a box."""

    text: str
    label: str = ""
    look: Look = Look.PLAIN
    language: str = ""
    """Code of the language as the document says it; empty when it does not."""
    ticked: bool | None = None
    """Of a square: whether it is ticked; None when the text has no square."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the form."""

    number: str
    """1 to 15, some with a letter."""
    title: str
    entries: tuple[Entry, ...] = ()
    used: bool = True
    """False when this type of document has no use for the box and it is empty."""


_ROLES = {
    "A": say("issuing Management Authority"),
    "B": say("applicant"),
    "C": say("official who issues the permit"),
    "D": say("authority that examines at export"),
}


def texts(values: Sequence[Text], label: str = "", look: Look = Look.PLAIN) -> Iterator[Entry]:
    """Each text as an entry of its own; the label stands at each, so that none is taken for another's."""
    for value in values:
        if value.value.strip():
            yield Entry(visible(value.value), label, look, value.language or "")


def codes_text(values: Iterable[Identifier | Code]) -> str:
    """Numbers or codes in one line."""
    return ", ".join(visible(value.value) for value in values if value.value)


def labelled(label: str, text: str, look: Look = Look.PLAIN) -> Iterator[Entry]:
    """One entry, or none when there is no text."""
    if text:
        yield Entry(text, label, look)


def party(voice: Voice, value: Party | None) -> Iterator[Entry]:
    """Name, address, country, and who stands for the party."""
    if value is None:
        return
    if value.name is not None:
        yield from texts((value.name,), look=Look.STRONG)
    if value.address is not None:
        yield from address(voice, value.address)
    yield from labelled(voice(say("Id")), codes_text(value.ids))
    if value.representative is not None and value.representative.name is not None:
        yield from texts((value.representative.name,), voice(say("Represented by")))
    names = tuple(person.name for person in value.signatories if person.name is not None)
    yield from texts(names, voice(say("Signatory")))


def address(voice: Voice, value: Address) -> Iterator[Entry]:
    """As on a letter: street, post office box, town, province, country."""
    yield from texts(value.streets)
    if value.post_office_box is not None:
        yield from texts((value.post_office_box,))
    city = value.city or Text("")
    town = " ".join(part for part in (codes_text(value.postcodes), visible(city.value)) if part)
    if town:
        yield Entry(town, language=city.language or "")
    yield from texts(value.subdivisions)
    yield from countries(voice, value.countries, value.country_names)


def country(voice: Voice, value: Country | None) -> Iterator[Entry]:
    """A country that stands by itself, with its provinces."""
    if value is not None:
        yield from countries(voice, value.ids, value.names)
        yield from texts(value.subdivisions)


def countries(voice: Voice, codes: Sequence[Identifier], names: Sequence[Text]) -> Iterator[Entry]:
    """Codes with the names that we know, then the names of the document that say something else."""
    shown = [voice.country(visible(code.value)) for code in codes if code.value]
    for text in shown:
        yield Entry(text, look=Look.STRONG)
    yield from texts([name for name in names if not any(text.endswith(f": {name.value}") for text in shown)])


def signatory(voice: Voice, value: Signatory | None, *, ids: bool = True) -> Iterator[Entry]:
    """Who signed, in which role, when and where; `ids=False` leaves out the numbers of the stamps."""
    if value is None:
        return
    yield from party(voice, value.party)
    if value.role is not None and value.role.value:
        role = visible(value.role.value)
        yield Entry(f"{role}: {voice(_ROLES[role])}" if role in _ROLES else role, voice(say("Role")))
    if value.statement is not None:
        yield from texts((value.statement,), voice(say("Statement")))
    if value.signed_at is not None:
        yield Entry(voice.moment(value.signed_at), voice(say("Signed on")))
    yield from place(voice, value.place, voice(say("Signed at")))
    if ids:
        yield from labelled(voice(say("Stamp number")), codes_text(value.ids))


def place(voice: Voice, value: Location | None, label: str) -> Iterator[Entry]:
    """A place by name and by code."""
    if value is not None:
        yield from texts(value.names, label)
        yield from labelled(voice(say("Code of the place")), codes_text(value.ids))


def reference(voice: Voice, value: Reference | None, label: Words) -> Iterator[Entry]:
    """Another document: number, names, kind, date, validity."""
    if value is None:
        return
    yield from labelled(voice(label), codes_text(value.numbers), Look.STRONG)
    yield from texts(value.names, voice(say("Document")))
    if value.type is not None and value.type.value:
        yield Entry(voice.document_type(visible(value.type.value)), voice(say("Kind")))
    if value.issued_at is not None:
        yield Entry(voice.moment(value.issued_at), voice(say("Date")))
    yield from period(voice, value.validity)


def period(voice: Voice, value: Period | None) -> Iterator[Entry]:
    """From when until when."""
    if value is not None and value.start is not None:
        yield Entry(voice.moment(value.start), voice(say("Valid from")))
    if value is not None and value.end is not None:
        yield Entry(voice.moment(value.end), voice(say("Valid until")), Look.STRONG)


def quantity(voice: Voice, value: Quantity | None, label: str = "") -> Iterator[Entry]:
    """An amount; its unit in words below it."""
    if value is None:
        return
    yield Entry(visible(str(value)), label, Look.STRONG)
    if value.unit:
        yield Entry(voice.code(code_lists().unit, visible(value.unit)))
    else:
        yield Entry(voice(say("specimens (no unit is written)")))


def inspection(voice: Voice, value: Inspection, label: str = "") -> Iterator[Entry]:
    """What was seen at export: how much, when, where, by whom."""
    yield from quantity(voice, value.quantity, label)
    if value.at is not None:
        yield Entry(voice.moment(value.at), voice(say("Date")))
    yield from place(voice, value.place, voice(say("Port of export")))
    for authority in value.authorities:
        yield from party(voice, authority)
