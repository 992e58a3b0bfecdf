"""Lines, re-export certificates and other documents for the rules about lines."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from unit.permits.permit_builder import GOOD

from gateway.permits import model
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Identifier, Text

TRANSPORT = "Transport conforms to the CITES guidelines or, by air, to the IATA Live Animals Regulations."
ISSUED = GOOD.issued_at


def amount(value: str, unit: str | None = "NAR") -> Quantity:
    return Quantity(Decimal(value), unit)


def country(code: str) -> model.Country:
    return model.Country(ids=(Identifier(code),))


def reference(
    type_: str, number: str = "US-1998", at: datetime | None = datetime(2026, 6, 10, tzinfo=UTC)
) -> model.Reference:
    """A reference to another document; an empty number is left out."""
    return model.Reference(at, Code(type_), (Identifier(number),) if number else ())


def specimen(
    appendix: str = "II", source: str = "W", term: str = "LPS", name: str = "Alligator mississippiensis"
) -> model.Specimen:
    product = model.Product(terms=(Code(term),), scientific_names=(Text(name),))
    return model.Specimen(Code(appendix), Code(source), product)


def with_both(**changes: Any) -> model.Permit:
    """The good permit, both its lines changed."""
    return replace(GOOD, lines=tuple(replace(line, **changes) for line in GOOD.lines))


def measured(value: str, unit: str | None, term: str = "LPS") -> model.Permit:
    """The good permit, its first line so much of the term."""
    first = replace(
        GOOD.lines[0], packages=(model.Package(amount(value, unit)),), specimens=(specimen(term=term),)
    )
    permit = replace(GOOD, lines=(first, GOOD.lines[1]))
    return replace(permit, special_conditions=(Text(TRANSPORT, "EN"),)) if term == "LIV" else permit


def re_export(conditions: str = "", **changes: Any) -> model.Permit:
    """A re-export certificate for goods from the United States, its first line changed."""
    permit = with_both(origin=country("US"), references=(reference("861"),))
    return replace(
        permit,
        type=Code("R"),
        special_conditions=(Text(conditions, "EN"),) if conditions else (),
        lines=(replace(permit.lines[0], **changes), permit.lines[1]),
    )


def other(name: str, **changes: Any) -> model.Permit:
    """A document of type O, both its lines changed."""
    return replace(with_both(**changes), type=Code("O"), names=(Text(name, "EN"),))
