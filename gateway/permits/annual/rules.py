"""
The rules of the trade database, applied to a report before it is submitted.

`primary` and `secondary` hold them, one function each. What cannot be decided is told, never passed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.permits.annual import primary, secondary
from gateway.permits.annual.columns import ReportRow
from gateway.permits.annual.registry import ROW_RULES, Grade, RowContext, RowError, RowRule
from gateway.permits.annual.used import Side
from gateway.permits.findings import NotChecked
from gateway.permits.species import SpeciesList
from gateway.wording import say

__all__ = ["ROW_RULES", "Examined", "Grade", "RowError", "RowRule", "examine", "primary", "secondary"]

BY_YEAR = frozenset({"species.appendix"})
"""Rules that a list of species decides only for the year that it is of."""

_NO_SPECIES = say("not checked: no species data")


@dataclass(frozen=True, slots=True)
class Examined:
    """What the rules say about a report."""

    errors: tuple[RowError, ...]
    """Primary ones first, each group in the order of the rows."""
    not_checked: tuple[NotChecked, ...] = ()
    """Rules that were not applied, or not in full."""

    @property
    def primary(self) -> tuple[RowError, ...]:
        """What stops the report."""
        return tuple(error for error in self.errors if error.grade is Grade.PRIMARY)

    @property
    def secondary(self) -> tuple[RowError, ...]:
        """What somebody should look at."""
        return tuple(error for error in self.errors if error.grade is Grade.SECONDARY)

    @property
    def acceptable(self) -> bool:
        """True when there is no primary error."""
        return not self.primary


def examine(
    rows: Iterable[ReportRow], *, party: str, side: Side, species: SpeciesList | None = None
) -> Examined:
    """
    Every error of every row of a report; `party` (alpha-2) is who reports.

    Without a list of species the rules that need one are named as not checked.
    """
    context = RowContext(rows, party=party, side=side, species=species)
    applied = [rule for rule in ROW_RULES.values() if species is not None or not rule.needs_species]
    errors = [
        RowError(rule.id, rule.grade, number, rule.column, _value(row, rule), message, rule.source)
        for number, row in enumerate(context.rows, start=1)
        for rule in applied
        for message in rule.check(row, context)
    ]
    errors.sort(key=lambda error: error.grade is not Grade.PRIMARY)
    return Examined(tuple(errors), _not_checked(context))


def _value(row: ReportRow, rule: RowRule) -> str:
    """What stands in the column of the rule; empty for a rule about the whole row."""
    return row.cell(rule.column) if rule.column else ""


def _not_checked(context: RowContext) -> tuple[NotChecked, ...]:
    """The rules that were not applied, or not in full, each with the reason."""
    found = []
    for rule in ROW_RULES.values():
        if rule.needs_species and context.species is None:
            found.append(NotChecked(rule.id, _NO_SPECIES))
        elif rule.partly is not None:
            found.append(NotChecked(rule.id, rule.partly))
        elif rule.id in BY_YEAR and context.species is not None:
            year = f"{context.species.dated.year:04d}"
            if any(row.year != year for row in context.rows):
                reason = say(
                    "not checked for other years than {year}: the list of species tells the listings of one "
                    "day",
                    year=year,
                )
                found.append(NotChecked(rule.id, reason))
    return tuple(found)
