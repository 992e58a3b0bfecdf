"""Small permits, unsealed and sealed, made with the gateway's own writer, signer and reader."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from gateway.codec.registry import SealedPermit, decode, encode
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
from gateway.signatures.keys import SigningKey
from gateway.signatures.sign import sign
from gateway.signatures.verify import verify
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.parse import parse
from support.keys import NOW, seal

NUMBER = "CH-2026-000123"


def party(name: str, country: str) -> Party:
    """A party with an address."""
    return Party(
        name=Text(name),
        address=Address(
            postcodes=(Code("3003"),),
            streets=(Text("Musterweg 7"),),
            city=Text("Bern"),
            countries=(Identifier(country),),
        ),
    )


def line(letter: str = "A", species: str = "Varanus salvator", quantity: str = "40") -> Line:
    """One line of leather goods."""
    return Line(
        ids=(Identifier(letter),),
        packages=(Package(Quantity(Decimal(quantity))),),
        specimens=(
            Specimen(
                appendix=Code("II"),
                source=Code("W"),
                product=Product(
                    descriptions=(Text("small leather goods", "EN"),),
                    terms=(Code("LPS"),),
                    common_names=(Text("water monitor", "EN"),),
                    scientific_names=(Text(species),),
                ),
            ),
        ),
    )


def permit(
    number: str = NUMBER, *, exporter: str = "CH", importer: str = "FR", at: datetime = NOW, **changes: Any
) -> Permit:
    """An export permit of Switzerland for France, in force at `at`; `changes` replaces fields."""
    issued = at.astimezone(UTC).replace(microsecond=0) - timedelta(days=1)
    authority = party("Test Management Authority", exporter)
    made = Permit(
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
        validity=Period(start=issued, end=issued + timedelta(days=150)),
        place_of_issue=Location(names=(Text("Bern"),)),
        first_signatory=Signatory(
            role=Code("A"), ids=(Identifier(f"{exporter}-STAMP-0815"),), party=authority
        ),
        second_signatory=Signatory(role=Code("B"), party=party("Beispiel AG", exporter)),
        third_signatory=Signatory(role=Code("C"), signed_at=issued, party=authority),
        exporter=party("Beispiel AG", exporter),
        importer=party("Exemple SARL", importer),
        lines=(line(),),
    )
    return replace(made, **changes)


def permit_bytes(number: str = NUMBER, **changes: Any) -> bytes:
    """An unsealed permit as XML."""
    return encode(permit(number, **changes))


def sealed_bytes(number: str = NUMBER, key: SigningKey | None = None, **changes: Any) -> bytes:
    """A permit sealed by `key`, by default that of `CH:MA`."""
    return sign(parse(permit_bytes(number, **changes)).root, key or seal())


def sealed(
    number: str = NUMBER, key: SigningKey | None = None, *, at: datetime = NOW, **changes: Any
) -> SealedPermit:
    """A permit that was really sealed, verified and read again."""
    key = key or seal()
    return decode(verify(parse(sealed_bytes(number, key, **changes)), [key.certificate], at=at))


def digest_of(kept: SealedPermit) -> str:
    """The digest under which a sealed permit is kept."""
    return sha256_hex(kept.document.original)
