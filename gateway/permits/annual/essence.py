"""What a report needs of a permit: a year has many, and all of them are in memory at once."""

from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from gateway.permits.model import Address, Line, Package, Party, Permit, Product, Signatory, Specimen
from gateway.permits.values import Identifier

Value = TypeVar("Value")

KINDS = 16_384
"""Different countries, purposes and specimens that are remembered; few Parties trade in more in a year."""


def essence_of(permit: Permit) -> Permit:
    """
    The same permit without what no report asks for: names, addresses, conditions, stamps, descriptions.

    What the properties of the permit and of its lines say stays as it is.
    """
    return Permit(
        number=permit.number,
        names=permit.names,
        type=_shared(permit.type),
        purposes=_shared(permit.purposes),
        references=permit.references,
        validity=permit.validity,
        first_signatory=Signatory(party=_country(permit.issuer)),
        exporter=_country(permit.exporter_country),
        importer=_country(permit.importer_country),
        lines=tuple(_line(line) for line in permit.lines),
    )


def _country(code: str) -> Party | None:
    """Somebody of whom only the country is known."""
    return _shared(Party(address=Address(countries=(Identifier(code),)))) if code else None


def _line(line: Line) -> Line:
    """Letter, origin, references, quantity, and what the specimens are."""
    return Line(
        ids=line.ids[:1],
        origin=_shared(line.origin),
        references=line.references,
        packages=(Package(line.quantity),) if line.quantity is not None else (),
        specimens=tuple(_shared(_specimen(each)) for each in line.specimens[:1]),
    )


def _specimen(specimen: Specimen) -> Specimen:
    """Appendix, source, species and term."""
    product = specimen.product
    if product is None:
        return specimen
    return replace(
        specimen,
        product=Product(terms=product.terms[:1], scientific_names=product.scientific_names[:1]),
    )


@lru_cache(maxsize=KINDS)
def _shared(value: Value) -> Value:
    """One object for all that are equal, as most of a year's specimens are."""
    return value
