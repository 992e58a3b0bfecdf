"""A permit that breaks no rule, and small changes to it."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from gateway.permits import model
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Identifier, Text

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def party(name: str, country: str) -> model.Party:
    return model.Party(
        name=Text(name),
        address=model.Address(
            streets=(Text("Musterweg 7"),), city=Text("Musterstadt"), countries=(Identifier(country),)
        ),
    )


def line(letter: str = "A") -> model.Line:
    return model.Line(
        ids=(Identifier(letter),),
        packages=(model.Package(Quantity(Decimal(250), "NAR")),),
        specimens=(
            model.Specimen(
                Code("II"),
                Code("W"),
                model.Product(terms=(Code("LPS"),), scientific_names=(Text("Alligator mississippiensis"),)),
            ),
        ),
    )


CONTEXT = model.Context(
    processes=(
        model.ContextParameter(
            value=Text("CITES PERMITTING"), version=model.DocumentVersion(id=Identifier("1"))
        ),
    ),
    models=(model.ContextParameter(id=Identifier("09A")),),
)

GOOD = model.Permit(
    context=CONTEXT,
    number=Identifier("CH-2026-000123"),
    type=Code("E"),
    issued_at=datetime(2026, 11, 16, 9, 30, tzinfo=UTC),
    purposes=(Code("T"),),
    validity=model.Period(end=datetime(2027, 5, 15, 23, 59, tzinfo=UTC)),
    first_signatory=model.Signatory(party=party("Example Management Authority", "CH")),
    exporter=party("Lederwerk Fantasia AG", "CH"),
    importer=party("Maroquinerie Imaginaire SARL", "FR"),
    lines=(line("A"), line("B")),
)


def with_line(**changes: Any) -> model.Permit:
    """The good permit, its first line changed."""
    return replace(GOOD, lines=(replace(GOOD.lines[0], **changes), GOOD.lines[1]))


def with_specimen(**changes: Any) -> model.Permit:
    """The good permit, the specimen of its first line changed."""
    return with_line(specimens=(replace(GOOD.lines[0].specimens[0], **changes),))


def with_product(**changes: Any) -> model.Permit:
    """The good permit, the product of its first line changed."""
    return with_specimen(product=replace(GOOD.lines[0].specimens[0].product, **changes))


def with_quantity(value: str, unit: str | None = "NAR") -> model.Permit:
    """The good permit, the quantity of its first line changed."""
    return with_line(packages=(model.Package(Quantity(Decimal(value), unit)),))


def valid(issued: datetime | None, end: datetime | None, start: datetime | None = None, type_: str = "E"):
    """The good permit with other dates and type, issued by the authority that issues that type."""
    return replace(
        GOOD,
        issued_at=issued,
        validity=model.Period(start, end),
        type=Code(type_),
        names=(Text("x"),),
        first_signatory=model.Signatory(
            party=party("Example Management Authority", "FR" if type_ == "I" else "CH")
        ),
    )
