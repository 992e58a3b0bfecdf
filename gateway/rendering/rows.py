"""The lines of the form: boxes 7 to 12b, and on continuation sheets Box 14 too."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from gateway.permits.codes import CodeList, code_lists
from gateway.permits.model import Line, Permit, Procedure, Product, Reference, Specimen
from gateway.rendering.boxes import box
from gateway.rendering.entries import (
    Box,
    Entry,
    Look,
    codes_text,
    country,
    inspection,
    labelled,
    quantity,
    reference,
    texts,
)
from gateway.rendering.visible import in_one_line, visible
from gateway.rendering.voice import Voice
from gateway.wording import say

LAST_RE_EXPORT = frozenset({"811", "R"})
"""Kinds of document that belong into Box 12a; all others stand in Box 12 (messages as the hub reads them)."""
LETTER_LENGTH = 3
"""Characters that fit into the narrow column; a longer id is shortened there and whole in Box 9."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the permit; without boxes it is a line of the form that the permit does not use."""

    letter: str
    boxes: tuple[Box, ...] = ()

    @property
    def empty(self) -> bool:
        """True for a line of the form that the permit does not use."""
        return not self.boxes

    def box(self, number: str) -> Box:
        """A box by its number; raises `KeyError` when the row has none."""
        return {box.number: box for box in self.boxes}[number]


def rows_of(voice: Voice, permit: Permit, on_form: int) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """The rows on the form, always `on_form` of them, and those on continuation sheets."""
    rows = [_row(voice, permit, line, endorsed=False) for line in permit.lines[:on_form]]
    rows += [Row(chr(ord("A") + index)) for index in range(len(rows), on_form)]
    further = (_row(voice, permit, line, endorsed=True) for line in permit.lines[on_form:])
    return tuple(rows), tuple(further)


def _row(voice: Voice, permit: Permit, line: Line, *, endorsed: bool) -> Row:
    """One line; `endorsed` adds Box 14."""
    products = tuple(specimen.product or Product() for specimen in line.specimens)
    filled: dict[str, Iterable[Entry]] = {
        "7": _numbered([texts(each.scientific_names, look=Look.LATIN) for each in products]),
        "8": _numbered([texts(each.common_names) for each in products]),
        "9": chain(
            _numbered([_description(voice, each) for each in products]),
            _marks(voice, line),
            _long_ids(voice, line),
        ),
        "10": _numbered([_appendix_and_source(voice, each) for each in line.specimens]),
        "11": chain.from_iterable(quantity(voice, package.quantity) for package in line.packages),
        "11a": chain.from_iterable(_quota(voice, procedure) for procedure in line.procedures),
        "12": chain(country(voice, line.origin), _documents(voice, line.references, last_re_export=False)),
        "12a": chain(
            country(voice, line.last_export), _documents(voice, line.references, last_re_export=True)
        ),
        "12b": chain.from_iterable(_operation(voice, procedure) for procedure in line.procedures),
    }
    if endorsed:
        filled["14"] = chain.from_iterable(inspection(voice, seen) for seen in line.inspections)
    boxes = tuple(box(voice, permit, number, entries) for number, entries in filled.items())
    return Row(_short(in_one_line(line.letter)), boxes)


def _short(letter: str) -> str:
    """The id of a line as far as it fits into the narrow column."""
    return letter if len(letter) <= LETTER_LENGTH else letter[: LETTER_LENGTH - 1] + "…"


def _numbered(groups: Sequence[Iterable[Entry]]) -> Iterator[Entry]:
    """The entries of one specimen; of several, each group under its number, so that boxes 7 to 10 agree."""
    for number, group in enumerate(groups, start=1):
        entries = tuple(group)
        if entries and len(groups) > 1:
            yield Entry(f"({number})")
        yield from entries


def _description(voice: Voice, product: Product) -> Iterator[Entry]:
    """Terms with their meaning, words, and the numbers that seller and producer gave."""
    for term in product.terms:
        if term.value:
            yield Entry(voice.code(code_lists().term, visible(term.value)), look=Look.STRONG)
    yield from texts(product.descriptions)
    seller = (product.seller_id,) if product.seller_id else ()
    yield from labelled(voice(say("Seller's number")), codes_text(seller))
    yield from labelled(voice(say("Producer's number")), codes_text(product.manufacturer_ids))


def _marks(voice: Voice, line: Line) -> Iterator[Entry]:
    """Rings, tags, microchips."""
    for marks in line.marks:
        yield from texts(marks.markings, voice(say("Mark")))


def _long_ids(voice: Voice, line: Line) -> Iterator[Entry]:
    """Ids of the line that the narrow column does not show in full."""
    shown = line.ids[:1] if _short(in_one_line(line.letter)) == in_one_line(line.letter) else ()
    yield from labelled(voice(say("Id of the line")), codes_text(line.ids[len(shown) :]))


def _appendix_and_source(voice: Voice, specimen: Specimen) -> Iterator[Entry]:
    """Appendix as its number; each letter of the source with its meaning."""
    lists = code_lists()
    if specimen.appendix is not None and specimen.appendix.value:
        code = visible(specimen.appendix.value)
        text = code if code in lists.appendix else voice.code(lists.appendix, code)
        yield Entry(text, voice(say("Appendix")), Look.STRONG)
    if specimen.source is not None and specimen.source.value:
        yield from _source(voice, lists.source, visible(specimen.source.value))


def _source(voice: Voice, codes: CodeList, code: str) -> Iterator[Entry]:
    """Two letters are two sources (Res. Conf. 12.3: codes I and O stand with a second one)."""
    yield Entry(code, voice(say("Source")), Look.STRONG)
    parts = [code] if code in codes else [letter for letter in code if not letter.isspace()]
    if all(part in codes for part in parts):
        for part in parts:
            yield Entry(voice.code(codes, part))
    else:
        yield Entry(voice.code(codes, code))


def _quota(voice: Voice, procedure: Procedure) -> Iterator[Entry]:
    """What was exported this year, this permit included, and how much may be."""
    yield from quantity(voice, procedure.used_to_date, voice(say("Exported this year")))
    yield from quantity(voice, procedure.annual_quota, voice(say("Annual quota")))


def _operation(voice: Voice, procedure: Procedure) -> Iterator[Entry]:
    """Registered operation, date of acquisition, and documents that say either."""
    yield from labelled(voice(say("Operation")), codes_text(procedure.categories), Look.STRONG)
    if procedure.acquired_at is not None:
        yield Entry(voice.moment(procedure.acquired_at), voice(say("Acquired on")))
    for document in procedure.previous_documents:
        yield from reference(voice, document, say("Number"))


def _documents(voice: Voice, references: Sequence[Reference], *, last_re_export: bool) -> Iterator[Entry]:
    """The documents of Box 12a, or all others."""
    for document in references:
        kind = document.type.value if document.type else ""
        if (kind in LAST_RE_EXPORT) is last_re_export:
            yield from reference(voice, document, say("Number"))
