"""Lines that crossed a border, rows of a report and uses of a permit, each right until it is changed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from unit.permits.permit_builder import GOOD

from gateway.permits import model
from gateway.permits.annual.columns import ReportRow
from gateway.permits.annual.used import LineUse, PermitUse, Side, UsedLine
from gateway.permits.identity import PermitRef
from gateway.permits.quantities import Quantity

ON = date(2026, 12, 1)
ROW = ReportRow(
    appendix="II",
    species="Alligator mississippiensis",
    term="SKI",
    quantity="250",
    unit="NAR",
    partner="FR",
    export_permit="CH-2026-000123",
    purpose="T",
    source="C",
    year="2026",
)
"""A row of a report of Switzerland's exports that breaks no rule."""


def amount(value: str, unit: str | None = "NAR") -> Quantity:
    return Quantity(Decimal(value), unit)


def used(
    quantity: Quantity | None = None,
    permit: model.Permit = GOOD,
    side: Side = Side.EXPORT,
    on: date = ON,
    number: int = 0,
    **changes: Any,
) -> UsedLine:
    """A line of the permit that crossed, the line changed."""
    ref = permit.ref or PermitRef("CH", permit.number_text)
    line = replace(permit.lines[number], **changes)
    return UsedLine(permit, ref, line, side, quantity or amount("250"), on)


def row(**changes: str) -> ReportRow:
    return replace(ROW, **changes)


def use(*lines: LineUse, permit: model.Permit = GOOD, **changes: Any) -> PermitUse:
    """A permit that was used once on each side, on a day when it is valid."""
    given: dict[str, Any] = {"first_used": ON, "last_used": ON, "exports": 1, "imports": 1}
    return PermitUse(permit.ref or PermitRef("CH", "1"), permit, lines, **{**given, **changes})


def unused(permit: model.Permit = GOOD) -> PermitUse:
    return PermitUse(permit.ref or PermitRef("CH", "1"), permit, (LineUse("A", authorised=amount("250")),))
