"""
From what crossed the border to the lines of the annual report.

A row tells what crossed, not what was permitted. Rows of one permit that agree in every other column are
added up; nothing else is (Guidelines for CITES annual reports: one line for each species, term, unit,
partner, origin, purpose, source and permit).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gateway.errors import MalformedRequest
from gateway.permits.annual.columns import ReportRow, plain
from gateway.permits.annual.used import Side, UsedLine
from gateway.permits.codes import SPECIMENS
from gateway.permits.kinds import Kind, kind_of
from gateway.permits.model import Permit, Reference
from gateway.permits.names import read_name
from gateway.permits.quantities import Quantity, normalised, total
from gateway.permits.rules.origin import SEA
from gateway.permits.rules.pairs import IMPORT_PERMIT
from gateway.permits.rules.references import LAST_CERTIFICATE, ORIGIN_PERMIT
from gateway.wording import Words, say

SKIN = "SKI"
"""The term whose pieces are counted in skins."""
PARTS_OF_SKINS = frozenset({"BAK", "BSK", "HRN", "SID"})
"""Units that make a number of skins, and of nothing else: two sides are one skin."""

_ELSEWHERE = say("the permit does not name the Party that reports")
_NOTHING = say("nothing crossed")
_TWICE = say("the same goods were written off the document of the country of export, and count there")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What crossed and is in no row."""

    used: UsedLine
    reason: Words


@dataclass(frozen=True, slots=True)
class AnnualReport:
    """The annual report of a Party: one year, one side."""

    party: str
    """ISO 3166-1 alpha-2."""
    year: int
    side: Side
    rows: tuple[ReportRow, ...]
    """Sorted: by Appendix, species, term, partner and permits."""
    left_out: tuple[LeftOut, ...] = ()


def annual_report(used: Iterable[UsedLine], *, party: str, year: int, side: Side) -> AnnualReport:
    """
    The report of one Party, year and side, from what crossed its border.

    1. Lines of another year or side are not looked at.
    2. A line whose permit does not name the Party on that side is left out, and so is one of which nothing
       crossed, and an import permit where the goods count on the document of the country of export.
    3. Amounts are told in units of today, exactly; what has no exact amount stays as it was written.
    4. Rows of one permit that agree in all else are added up.
    """
    # 1
    mine = [line for line in used if line.side is side and line.on.year == year]
    # 2
    cited = frozenset(key for line in mine for key in _cited(line))
    left_out, rows = [], list[tuple[ReportRow, Quantity]]()
    for line in mine:
        reason = _reason(line, party, cited)
        if reason is not None:
            left_out.append(LeftOut(line, reason))
            continue
        # 3
        quantity = _in_units_of_today(line)
        rows.append((_row(line, party, quantity.unit or SPECIMENS), quantity))
    # 4
    merged = sorted(_merged(rows), key=_order)
    return AnnualReport(party, year, side, tuple(merged), tuple(left_out))


Goods = tuple[str, str, str, str, object]
"""Type and number of a permit, species in the form for comparing, term, day."""


def _goods(type_code: str, number: str, line: UsedLine) -> Goods:
    """What is compared to see that the same goods were written off two documents."""
    return type_code, number, read_name(line.line.scientific_name).key, line.line.term, line.on


def _cited(line: UsedLine) -> Iterator[Goods]:
    """The goods of a document of the country of export: by its number, and by that of the import permit."""
    if line.permit.type_code != "I":
        yield _goods("", line.ref.number, line)
        for number in _numbers(line.permit.references, IMPORT_PERMIT):
            yield _goods("I", number, line)


def _counted_twice(line: UsedLine, cited: frozenset[Goods]) -> bool:
    """Whether the goods of an import permit count on an export document that cites it or that it cites."""
    if line.permit.type_code != "I":
        return False
    numbers = _numbers(line.permit.references, LAST_CERTIFICATE)
    return _goods("I", line.ref.number, line) in cited or any(
        _goods("", number, line) in cited for number in numbers
    )


def _reason(line: UsedLine, party: str, cited: frozenset[Goods]) -> Words | None:
    """Why a line is in no row; None when it is in one."""
    permit = line.permit
    own = "I" if line.side is Side.IMPORT else "ER"
    country = permit.importer_country if line.side is Side.IMPORT else permit.exporter_country
    if party != (country or (line.ref.issuer if permit.type_code in own else "")):
        return _ELSEWHERE
    if line.quantity.value.is_zero():
        return _NOTHING
    if _counted_twice(line, cited):
        return _TWICE
    return None


def _in_units_of_today(line: UsedLine) -> Quantity:
    """The amount in a current unit, exactly; as written when it has none, and the rules tell."""
    if line.quantity.unit in PARTS_OF_SKINS and line.line.term != SKIN:
        return line.quantity
    try:
        return normalised(line.quantity)
    except MalformedRequest:
        return line.quantity


def _row(line: UsedLine, party: str, unit: str) -> ReportRow:
    """The row of one line, its quantity still to be written."""
    permit, type_code = line.permit, line.permit.type_code
    from_sea = kind_of(permit) is Kind.INTRODUCTION_FROM_THE_SEA
    own = line.ref.number
    cited = _first(permit.references, IMPORT_PERMIT)
    return ReportRow(
        appendix=line.line.appendix,
        species=" ".join(line.line.scientific_name.split()),
        term=line.line.term,
        unit=unit,
        partner=_partner(line, party, from_sea=from_sea),
        origin=_origin(line),
        import_permit="" if line.side is Side.EXPORT else own if type_code == "I" else cited,
        export_permit=_first(permit.references, LAST_CERTIFICATE)
        if type_code == "I"
        else ""
        if from_sea
        else own,
        origin_permit=_first(line.line.references, ORIGIN_PERMIT),
        ifs_permit=own if from_sea else "",
        purpose=permit.purposes[0].value if permit.purposes else "",
        source=line.line.source_code,
        year=f"{line.on.year:04d}",
        ref=line.ref,
        letters=(line.line.letter,),
    )


def _partner(line: UsedLine, party: str, *, from_sea: bool) -> str:
    """The country at the other end; the sea for what was introduced from it."""
    permit = line.permit
    if line.side is Side.EXPORT:
        return permit.importer_country
    if from_sea and permit.exporter_country in ("", party):
        return SEA
    return permit.exporter_country or (line.ref.issuer if permit.type_code in ("E", "R") else "")


def _origin(line: UsedLine) -> str:
    """The country of origin; empty on a first export, where it is the country of export."""
    origin = line.line.origin.code if line.line.origin else ""
    first_export = line.permit.type_code != "R" and origin == _exporter(line.permit)
    return "" if first_export else origin


def _exporter(permit: Permit) -> str:
    """The country of export: that of Box 4, else who issued an export document."""
    return permit.exporter_country or (permit.issuer if permit.type_code in ("E", "R") else "")


def _numbers(references: Iterable[Reference], type_code: str) -> Iterator[str]:
    """The numbers of the references of a type."""
    for reference in references:
        if reference.type is not None and reference.type.value == type_code:
            yield from (number.value for number in reference.numbers if number.value)


def _first(references: Iterable[Reference], type_code: str) -> str:
    """The first number of a type; empty when there is none."""
    return next(_numbers(references, type_code), "")


def _merged(rows: Iterable[tuple[ReportRow, Quantity]]) -> Iterator[ReportRow]:
    """One row for all of one permit that agree in every column but the quantity."""
    groups: dict[tuple[ReportRow, object], list[tuple[ReportRow, Quantity]]] = {}
    for row, quantity in rows:
        groups.setdefault((row, row.ref), []).append((row, quantity))
    for group in groups.values():
        try:
            sums = [(group, total(quantity for _, quantity in group))]
        except MalformedRequest:
            sums = [([each], each[1]) for each in group]
        for members, quantity in sums:
            letters = tuple(sorted({letter for row, _ in members for letter in row.letters}))
            yield replace(members[0][0], quantity=plain(quantity.value), letters=letters)


def _order(row: ReportRow) -> tuple[str, ...]:
    """How rows are sorted."""
    return (
        row.appendix, row.species, row.term, row.partner, row.export_permit, row.import_permit,
        row.ifs_permit, row.origin, row.purpose, row.source, row.unit, row.quantity,
    )  # fmt: skip
