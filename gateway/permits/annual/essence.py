"""What a report needs of a permit: a year has many, and all of them are in memory at once."""

from dataclasses import replace

from gateway.permits.model import Address, Line, Package, Party, Permit, Product, Signatory, Specimen
from gateway.permits.values import Identifier


def essence_of(permit: Permit) -> Permit:
    """
    The same permit without what no report asks for: names, addresses, conditions, stamps, descriptions.

    What the properties of the permit and of its lines say stays as it is.
    """
    return Permit(
        number=permit.number,
        names=permit.names,
        type=permit.type,
        purposes=permit.purposes,
        references=permit.references,
        validity=permit.validity,
        first_signatory=Signatory(party=_country(permit.issuer)),
        exporter=_country(permit.exporter_country),
        importer=_country(permit.importer_country),
        lines=tuple(_line(line) for line in permit.lines),
    )


def _country(code: str) -> Party | None:
    """Somebody of whom only the country is known."""
    return Party(address=Address(countries=(Identifier(code),))) if code else None


def _line(line: Line) -> Line:
    """Letter, origin, references, quantity, and what the specimens are."""
    return Line(
        ids=line.ids[:1],
        origin=line.origin,
        references=line.references,
        packages=(Package(line.quantity),) if line.quantity is not None else (),
        specimens=tuple(_specimen(each) for each in line.specimens[:1]),
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
