"""What a rule about a row of the annual report is, what it may look at, and what it finds."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from gateway.permits.annual.columns import ReportRow
from gateway.permits.annual.used import Side
from gateway.permits.codes import CodeLists, code_lists
from gateway.permits.species import Match, SpeciesList
from gateway.wording import ENGLISH, Words, translated


class Grade(StrEnum):
    """How bad an error is to the trade database."""

    PRIMARY = "primary"
    """The report is not taken."""
    SECONDARY = "secondary"
    """Somebody should look; whoever submits may insist."""


@dataclass(frozen=True, slots=True)
class RowError:
    """One row that breaks one rule."""

    rule: str
    grade: Grade
    row: int
    """Counted from 1; the header is not counted."""
    column: str
    value: str
    """What stands in the column."""
    message: Words
    """What is wrong, and what to do."""
    source: str

    def as_dict(self, language: str = ENGLISH) -> dict[str, Any]:
        """The JSON shape: rule, grade, row, column, value, message, source."""
        return {
            "rule": self.rule,
            "grade": self.grade.value,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "message": translated(self.message, language),
            "source": self.source,
        }


class RowContext:
    """The report that a row stands in, and the lists that it is judged by."""

    def __init__(
        self, rows: Iterable[ReportRow], *, party: str, side: Side, species: SpeciesList | None = None
    ) -> None:
        """`party` reports (alpha-2); `species` is None when nobody supplied a list."""
        self.rows = tuple(rows)
        self.party = party
        self.side = side
        self.lists: CodeLists = code_lists()
        self.species = species

    def exporter(self, row: ReportRow) -> str:
        """The country of export: who reports, or the partner in a report of imports."""
        return self.party if self.side is Side.EXPORT else row.partner

    def match(self, row: ReportRow) -> Match | None:
        """What the species name stands for; None when there is no list or it does not have the name."""
        return self.species.find(row.species) if self.species is not None and row.species else None

    @cached_property
    def counts(self) -> Counter[ReportRow]:
        """How often each row stands in the report."""
        return Counter(self.rows)


Check = Callable[[ReportRow, RowContext], Iterator[Words]]


@dataclass(frozen=True, slots=True)
class RowRule:
    """One rule."""

    id: str
    """Stable: pages and programs refer to it."""
    grade: Grade
    column: str
    source: str
    """Where the rule comes from."""
    summary: str
    """One sentence: what a row must have."""
    check: Check
    needs_species: bool
    partly: Words | None
    """What of the rule of the trade database is not looked at, and why; None when all of it is."""


ROW_RULES: dict[str, RowRule] = {}
"""By id, in the order in which they are applied to a row."""


def rule(
    id: str,  # noqa: A002 - the word that errors use
    grade: Grade,
    *,
    column: str,
    source: str,
    summary: str = "",
    needs_species: bool = False,
    partly: Words | None = None,
) -> Callable[[Check], Check]:
    """
    Make a rule of a function and enter it in the list.

    Raises `ValueError` when the id is taken, or when the rule has no source or no sentence.
    """

    def enter(check: Check) -> Check:
        says = summary or (check.__doc__ or "").strip().partition("\n")[0]
        if id in ROW_RULES:
            raise ValueError(f"there are two rules {id}")
        if not source or not says:
            raise ValueError(f"the rule {id} needs a source and a sentence that says what it demands")
        ROW_RULES[id] = RowRule(id, grade, column, source, says, check, needs_species, partly)
        return check

    return enter
