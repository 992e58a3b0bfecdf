"""The permits of the demonstration: invented persons and firms, real species, dates around today."""

from dataclasses import dataclass
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
    Procedure,
    Product,
    Reference,
    Signatory,
    Specimen,
)
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Identifier, Text


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a permit in brief."""

    species: str
    common: str
    description: str
    term: str
    appendix: str
    source: str
    quantity: str
    unit: str | None = None
    operation: str | None = None
    """Number of the registered breeding operation (source D, Box 12b)."""


LEATHER = (
    Row("Alligator mississippiensis", "American alligator", "watch straps", "LPS", "II", "C", "250"),
    Row("Varanus salvator", "water monitor", "small leather goods", "LPS", "II", "C", "40"),
    Row("Crocodylus niloticus", "Nile crocodile", "whole skins", "SKI", "II", "C", "12"),
)
ORCHIDS = (
    Row("Dendrobium nobile", "noble dendrobium", "live plants in pots", "LIV", "II", "A", "120"),
    Row("Phalaenopsis amabilis", "moon orchid", "live plants in pots", "LIV", "II", "A", "80"),
)
PARROTS = (
    Row(
        "Anodorhynchus hyacinthinus", "hyacinth macaw", "live birds, 1 male, 1 female, hatched 2025", "LIV",
        "I", "D", "2", None, "A-CH-501",
    ),
    Row("Psittacus erithacus", "grey parrot", "live bird, male, hatched 2024", "LIV", "I", "C", "1"),
)  # fmt: skip
CORALS = (
    Row("Acropora formosa", "staghorn coral", "raw coral, aquarium grown", "COR", "II", "F", "3.2", "KGM"),
)


def make_permit(
    number: str,
    rows: tuple[Row, ...],
    at: datetime,
    *,
    purpose: str = "T",
    conditions: str = "",
    valid_days: int = 150,
    exporter: str = "CH",
    importer: str = "FR",
) -> bytes:
    """An unsealed export permit of one Party for another, as XML of version v2."""
    issued = at.replace(microsecond=0) - timedelta(days=1)
    authority = _party(f"Demo Management Authority of {exporter}", "Amtsgasse 1", "3003", "Bern", exporter)
    seller = _party("Beispiel Handels AG", "Musterweg 7", "8001", "Zürich", exporter)
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
        purposes=(Code(purpose),),
        special_conditions=(Text(conditions, "EN"),) if conditions else (),
        references=_import_permit(importer) if any(row.appendix == "I" for row in rows) else (),
        validity=Period(start=issued, end=issued + timedelta(days=valid_days)),
        place_of_issue=Location(names=(Text("Bern"),)),
        first_signatory=Signatory(
            role=Code("A"), ids=(Identifier(f"{exporter}-STAMP-0815"),), party=authority
        ),
        second_signatory=Signatory(role=Code("B"), party=seller),
        third_signatory=Signatory(role=Code("C"), signed_at=issued, party=authority),
        exporter=seller,
        importer=_party("Exemple Maroquinerie SARL", "3 rue de l'Exemple", "75001", "Paris", importer),
        lines=tuple(_line(letter, row) for letter, row in zip("ABCDEFGH", rows, strict=False)),
    )
    return encode(permit)


def _import_permit(importer: str) -> tuple[Reference, ...]:
    """The permit of the importing Party that Appendix I needs first (Convention, Art. III.2 d)."""
    return (Reference(type=Code("911"), numbers=(Identifier(f"{importer}-2026-I-0077"),)),)


def _party(name: str, street: str, postcode: str, city: str, country: str) -> Party:
    """A party with an address."""
    return Party(
        name=Text(name),
        address=Address(
            postcodes=(Code(postcode),),
            streets=(Text(street),),
            city=Text(city),
            countries=(Identifier(country),),
        ),
    )


def _line(letter: str, row: Row) -> Line:
    """One line of the permit."""
    return Line(
        ids=(Identifier(letter),),
        packages=(Package(Quantity(Decimal(row.quantity), row.unit)),),
        specimens=(
            Specimen(
                appendix=Code(row.appendix),
                source=Code(row.source),
                product=Product(
                    descriptions=(Text(row.description, "EN"),),
                    terms=(Code(row.term),),
                    common_names=(Text(row.common, "EN"),),
                    scientific_names=(Text(row.species),),
                ),
            ),
        ),
        procedures=(Procedure(categories=(Code(row.operation),)),) if row.operation else (),
    )
