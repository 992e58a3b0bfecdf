"""
Reconciliation: what was authorised, exported, imported, dead and left; for each permit and for a period.

A permit belongs to the period of its last use, and one that was never used to that of its last day, so that
it counts in one of several consecutive periods and in no other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from gateway.errors import MalformedRequest
from gateway.permits.annual.columns import plain
from gateway.permits.annual.comparing import Difference, UseFinding, findings_of
from gateway.permits.annual.csv_file import as_csv
from gateway.permits.annual.tolerance import DEFAULT, Tolerance
from gateway.permits.annual.used import LineUse, PermitUse
from gateway.permits.findings import Severity
from gateway.permits.model import Line
from gateway.permits.quantities import Quantity, normalised, total
from gateway.wording import ENGLISH, say

AMOUNTS = ("authorised", "exported", "imported", "dead", "left")
"""The amounts of a line, as fields of `LineUse`."""
CSV_COLUMNS = (
    "Issuer", "Permit", "Type", "LastDay", "FirstUsed", "LastUsed", "Exports", "Imports",
    "Line", "SpeciesName", "TermCode",
    *(name for amount in AMOUNTS for name in (amount.capitalize(), f"{amount.capitalize()}Unit")),
    "Findings",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One permit: how it was used, and what is wrong."""

    use: PermitUse
    findings: tuple[UseFinding, ...]

    @property
    def severity(self) -> Severity | None:
        """That of the worst finding; None when there is none."""
        return self.findings[0].severity if self.findings else None

    def as_dict(self, language: str = ENGLISH) -> dict[str, Any]:
        """The JSON shape; amounts are text, so that no digit is lost."""
        use = self.use
        return {
            "issuer": use.ref.issuer,
            "number": use.ref.number,
            "type": use.permit.type_code,
            "last_day": _iso(use.last_day),
            "first_used": _iso(use.first_used),
            "last_used": _iso(use.last_used),
            "exports": use.exports,
            "imports": use.imports,
            "lines": [_line_dict(use, line) for line in use.lines],
            "findings": [finding.as_dict(language) for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class Total:
    """The sums for one species and term; None where no line says it or the units do not add up."""

    species: str
    term: str
    authorised: Quantity | None = None
    exported: Quantity | None = None
    imported: Quantity | None = None
    dead: Quantity | None = None
    left: Quantity | None = None
    apart: tuple[str, ...] = ()
    """The amounts that were not added up, because their units do not measure the same."""

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape."""
        amounts = {name: quantity_dict(getattr(self, name)) for name in AMOUNTS}
        return {"species": self.species, "term": self.term, **amounts, "apart": list(self.apart)}


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All permits of a period."""

    first: date
    last: date
    on: date
    """The day for which it was asked."""
    permits: tuple[Reconciled, ...]
    """In the order of issuers and numbers."""
    totals: tuple[Total, ...]

    def count(self, difference: Difference) -> int:
        """How many permits have such a finding."""
        return sum(
            any(finding.difference is difference for finding in permit.findings) for permit in self.permits
        )

    def as_dict(self, language: str = ENGLISH) -> dict[str, Any]:
        """The JSON shape: first, last, on, counts, totals, permits."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "on": self.on.isoformat(),
            "counts": {difference.value: self.count(difference) for difference in Difference},
            "totals": [each.as_dict() for each in self.totals],
            "permits": [permit.as_dict(language) for permit in self.permits],
        }


def reconcile(
    uses: Iterable[PermitUse], *, first: date, last: date, on: date, tolerance: Tolerance = DEFAULT
) -> Reconciliation:
    """
    The permits of the period from `first` to `last`, both counted, as they stand on the day `on`.

    A permit without a use and without a last day counts as of the day `on`. Raises `MalformedRequest` when
    the period ends before it begins.
    """
    if last < first:
        raise MalformedRequest(
            say("the period ends on {last}, before it begins on {first}", first=first, last=last),
            advice=say("give the first day first"),
        )
    mine = sorted(
        (use for use in uses if first <= (use.last_used or use.last_day or on) <= last),
        key=lambda use: use.ref,
    )
    permits = tuple(Reconciled(use, findings_of(use, on=on, tolerance=tolerance)) for use in mine)
    return Reconciliation(first, last, on, permits, _totals(mine))


def csv_of(reconciliation: Reconciliation) -> bytes:
    """
    One row for each line of each permit, with the findings of the line and of its permit.

    It is made for people with a spreadsheet, so that text which begins as a formula gets an apostrophe.
    """
    rows = [row for permit in reconciliation.permits for row in _csv_rows(permit)]
    return as_csv(CSV_COLUMNS, rows, spreadsheet=True)


def line_of(use: PermitUse, letter: str) -> Line:
    """The line of the permit with this letter; an empty one when there is none."""
    return next((line for line in use.permit.lines if line.letter == letter), Line())


def quantity_dict(quantity: Quantity | None) -> dict[str, str] | None:
    """The JSON shape of an amount: value and unit as text; None when nobody said it."""
    return None if quantity is None else {"value": plain(quantity.value), "unit": quantity.unit or "NAR"}


def _line_dict(use: PermitUse, line: LineUse) -> dict[str, Any]:
    """The JSON shape of a line."""
    goods = line_of(use, line.letter)
    amounts = {name: quantity_dict(getattr(line, name)) for name in AMOUNTS}
    return {"letter": line.letter, "species": goods.scientific_name, "term": goods.term, **amounts}


def _csv_rows(permit: Reconciled) -> Iterable[Sequence[str]]:
    """The rows of one permit; one without a line when it has none."""
    use = permit.use
    head = (
        use.ref.issuer, use.ref.number, use.permit.type_code, _iso(use.last_day) or "",
        _iso(use.first_used) or "", _iso(use.last_used) or "", str(use.exports), str(use.imports),
    )  # fmt: skip
    for line in use.lines or (LineUse(""),):
        goods = line_of(use, line.letter)
        found = [each.difference.value for each in permit.findings if each.line in ("", line.letter)]
        cells = [cell for name in AMOUNTS for cell in _cells(getattr(line, name))]
        yield (*head, line.letter, goods.scientific_name, goods.term, *cells, " ".join(found))


def _cells(quantity: Quantity | None) -> tuple[str, str]:
    """Amount and unit."""
    return ("", "") if quantity is None else (plain(quantity.value), quantity.unit or "NAR")


def _iso(day: date | None) -> str | None:
    """The day as JSON has it."""
    return day.isoformat() if day else None


def _totals(uses: Iterable[PermitUse]) -> tuple[Total, ...]:
    """The sums by species and term, sorted."""
    groups: dict[tuple[str, str], list[LineUse]] = {}
    for use in uses:
        for line in use.lines:
            goods = line_of(use, line.letter)
            groups.setdefault((goods.scientific_name, goods.term), []).append(line)
    return tuple(_total(species, term, lines) for (species, term), lines in sorted(groups.items()))


def _total(species: str, term: str, lines: list[LineUse]) -> Total:
    """The sums of some lines."""
    sums: dict[str, Quantity] = {}
    apart = []
    for name in AMOUNTS:
        amounts = [amount for line in lines if (amount := getattr(line, name)) is not None]
        try:
            if amounts:
                sums[name] = total(map(normalised, amounts))
        except MalformedRequest:
            apart.append(name)
    return Total(species, term, **sums, apart=tuple(apart))
