"""
Primary errors: what the trade database does not take.

Columns that must be filled, numbers that must be numbers, codes that must be in the lists.
"""

import re
from collections.abc import Iterator
from datetime import date

from gateway.permits.annual.columns import ReportRow
from gateway.permits.annual.registry import Grade, RowContext, rule
from gateway.permits.codes import CodeList, ListedCode, Status
from gateway.wording import Words, say

_PRESENT = "Species+ (SAPI) presence rules of the trade database"
_NUMERIC = "Species+ (SAPI) numericality and format rules of the trade database"
_KNOWN = "Species+ (SAPI) inclusion rules of the trade database"
_ONCE = "CITES trade reporting tool (unepwcmc/trade_reporting_tool): duplicates stop a submission"

_YEAR = re.compile(r"[0-9]{4}")
_NOT_REPORTED = frozenset({Status.ALIAS})
"""Codes of other standards: no list of the trade database has them."""


def _must_have(column: str, id_: str) -> None:
    """Enter the rule that a column is not empty."""

    @rule(id_, Grade.PRIMARY, column=column, source=_PRESENT, summary=f"{column} is filled.")
    def present(row: ReportRow, _context: RowContext) -> Iterator[Words]:
        if not row.cell(column).strip():
            yield say("{column} is empty; fill it in", column=column)


for _column, _id in (
    ("TradingPartner", "partner.missing"),
    ("TermCode", "term.missing"),
    ("SpeciesName", "species.missing"),
    ("Appendix", "appendix.missing"),
    ("Quantity", "quantity.missing"),
    ("Year", "year.missing"),
):
    _must_have(_column, _id)


@rule("quantity.not-a-number", Grade.PRIMARY, column="Quantity", source=_NUMERIC)
def quantity_not_a_number(row: ReportRow, _context: RowContext) -> Iterator[Words]:
    """Quantity is a number."""
    if row.quantity.strip() and row.amount is None:
        yield say("'{value}' is no number; write plain digits, with a point for decimals", value=row.quantity)


@rule("year.not-four-digits", Grade.PRIMARY, column="Year", source=_NUMERIC)
def year_not_four_digits(row: ReportRow, _context: RowContext) -> Iterator[Words]:
    """Year is a number of four digits."""
    if row.year.strip() and not _YEAR.fullmatch(row.year):
        yield say("'{value}' is no year; write four digits, for example 2026", value=row.year)


@rule("term.unknown", Grade.PRIMARY, column="TermCode", source=_KNOWN)
def term_unknown(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """TermCode is in the list of terms."""
    if row.term and not known(context.lists.term, row.term, row.year):
        yield say("'{code}' is no term of the list; write the code of what was traded", code=row.term)


@rule("source.unknown", Grade.PRIMARY, column="SourceCode", source=_KNOWN)
def source_unknown(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """SourceCode is empty or one code of the list that was in use that year."""
    if row.source and not known(context.lists.source, row.source, row.year):
        yield say(
            "'{code}' is not one source of the list that was in use that year; write one of {codes}",
            code=row.source,
            codes=context.lists.source.words(),
        )


@rule("purpose.unknown", Grade.PRIMARY, column="PurposeCode", source=_KNOWN)
def purpose_unknown(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """PurposeCode is empty or in the list of purposes."""
    if row.purpose and not known(context.lists.purpose, row.purpose, row.year):
        yield say(
            "'{code}' is no purpose of the list; write one of {codes}",
            code=row.purpose,
            codes=context.lists.purpose.words(),
        )


@rule("unit.unknown", Grade.PRIMARY, column="UnitCode", source=_KNOWN)
def unit_unknown(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """UnitCode is empty or in the list of units."""
    if row.unit and not known(context.lists.unit, row.unit, row.year):
        yield say(
            "'{code}' is no unit of the list; write one of {codes}",
            code=row.unit,
            codes=context.lists.unit.words(),
        )


@rule("partner.unknown", Grade.PRIMARY, column="TradingPartner", source=_KNOWN)
def partner_unknown(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """TradingPartner is in the list of countries."""
    if row.partner and not known(context.lists.country, row.partner, row.year):
        yield say("'{code}' is no country of the list; write the code of two letters", code=row.partner)


@rule("origin.unknown", Grade.PRIMARY, column="CountryOfOrigin", source=_KNOWN)
def origin_unknown(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """CountryOfOrigin is empty or in the list of countries."""
    if row.origin and not known(context.lists.country, row.origin, row.year):
        yield say(
            "'{code}' is no country of the list; write the code of two letters, or XX when the origin is not "
            "known",
            code=row.origin,
        )


@rule("appendix.unknown", Grade.PRIMARY, column="Appendix", source=_KNOWN)
def appendix_unknown(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """Appendix is I, II, III or, in statistics only, N."""
    if row.appendix and not known(context.lists.appendix, row.appendix, row.year):
        yield say("'{code}' is no Appendix; write I, II or III", code=row.appendix)


@rule("species.unknown", Grade.PRIMARY, column="SpeciesName", source=_KNOWN, needs_species=True)
def species_unknown(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """SpeciesName is in the list of species."""
    if row.species and context.match(row) is None:
        yield say("'{name}' is not in the list of species; write the accepted name", name=row.species)


@rule("row.duplicate", Grade.PRIMARY, column="", source=_ONCE)
def duplicate(row: ReportRow, context: RowContext) -> Iterator[Words]:
    """No other row is the same in every column."""
    if (count := context.counts[row]) > 1:
        yield say("the row stands {count} times in the report; keep it once, or add them up", count=count)


def known(codes: CodeList, code: str, year: str) -> bool:
    """Whether the trade database knows a code for that year; a year that is none lets every day count."""
    entry = codes.get(code)
    return entry is not None and entry.status not in _NOT_REPORTED and _in_use(entry, year)


def _in_use(entry: ListedCode, year: str) -> bool:
    """Whether some day of the year is among the days of the code."""
    if not _YEAR.fullmatch(year) or year == "0000":
        return True
    first, last = date(int(year), 1, 1), date(int(year), 12, 31)
    return not (
        (entry.valid_from is not None and entry.valid_from > last)
        or (entry.valid_until is not None and entry.valid_until < first)
    )
