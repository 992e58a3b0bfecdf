"""The permit of a test message: sound in every respect, and plainly no permit."""

from datetime import datetime, timedelta
from decimal import Decimal

from gateway.codec.registry import encode
from gateway.permits.model import (
    Address,
    Context,
    ContextParameter,
    DocumentVersion,
    Line,
    Location,
    Package,
    Party,
    Period,
    Permit,
    Product,
    Signatory,
    Specimen,
)
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Identifier, Text

_NOTE = "TEST MESSAGE BETWEEN GATEWAYS - NOT A PERMIT, NO SPECIMENS"

VALID_FOR = timedelta(days=1)
"""Nobody must be able to show a test permit at a border next week."""


def trial_permit(number: str, *, exporter: str, importer: str, at: datetime, version: str = "v2") -> bytes:
    """
    An unsealed export permit from Party `exporter` to Party `importer`, valid for a day, marked as a test.

    It breaks no rule, so that whatever a partner objects to is about keys, names and agreements.
    """
    issued = at.replace(microsecond=0)
    authority = _party("Test authority", exporter)
    permit = Permit(
        context=Context(
            processes=(
                ContextParameter(value=Text("CITES PERMITTING"), version=DocumentVersion(id=Identifier("1"))),
            ),
            models=(ContextParameter(id=Identifier("09A")),),
        ),
        number=Identifier(number),
        type=Code("E"),
        issued_at=issued,
        copy=False,
        purposes=(Code("T"),),
        special_conditions=(Text(_NOTE, "EN"),),
        validity=Period(start=issued, end=issued + VALID_FOR),
        place_of_issue=Location(names=(Text("Test"),)),
        first_signatory=Signatory(role=Code("A"), ids=(Identifier("TEST"),), party=authority),
        second_signatory=Signatory(role=Code("B"), party=_party("Test exporter", exporter)),
        third_signatory=Signatory(role=Code("C"), signed_at=issued, party=authority),
        exporter=_party("Test exporter", exporter),
        importer=_party("Test importer", importer),
        lines=(_line(),),
    )
    return encode(permit, version)


def _party(name: str, country: str) -> Party:
    """Somebody with an address in a Party."""
    return Party(
        name=Text(name),
        address=Address(
            postcodes=(Code("0000"),),
            streets=(Text("Test street 1"),),
            city=Text("Test"),
            countries=(Identifier(country),),
        ),
    )


def _line() -> Line:
    """One plant that nobody sends: an orchid that is grown by the million."""
    return Line(
        ids=(Identifier("A"),),
        packages=(Package(Quantity(Decimal(1), None)),),
        specimens=(
            Specimen(
                appendix=Code("II"),
                source=Code("A"),
                product=Product(
                    descriptions=(Text(_NOTE, "EN"),),
                    terms=(Code("LIV"),),
                    common_names=(Text("moon orchid", "EN"),),
                    scientific_names=(Text("Phalaenopsis amabilis"),),
                ),
            ),
        ),
    )
