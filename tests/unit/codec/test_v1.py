"""What is special about v1."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from lxml import etree

from gateway.codec import schema
from gateway.codec.v1.read import read
from gateway.codec.v1.write import write
from gateway.permits import model
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Identifier, Text
from gateway.xmlio.names import V1_MESSAGE, V1_RAM, local_name
from gateway.xmlio.parse import parse

FIXTURES = Path(__file__).parents[3] / "fixtures" / "permits" / "v1"


def names(root: etree._Element) -> set[str]:
    """The local names of all elements."""
    return {local_name(element.tag) for element in root.iter(etree.Element)}


def test_the_country_of_an_address_is_nested():
    """Codes, names and sub-divisions of an address stand in an element of their own, and come back."""
    address = model.Address(
        city=Text("Vaduz"),
        countries=(Identifier("LI"), Identifier("CH")),
        country_names=(Text("Liechtenstein"),),
        subdivisions=(Text("Oberland"),),
    )
    permit = model.Permit(exporter=model.Party(address=address))
    root = write(permit)
    country = root.find(f".//{{{V1_RAM}}}CountryIdentificationTradeCountry")
    assert [local_name(child.tag) for child in country] == [
        "ID",
        "ID",
        "Name",
        "SubordinateTradeCountrySubDivision",
    ]
    assert read(root).permit == permit
    assert schema.check("v1", root) == ()


def test_no_empty_covers_are_written():
    """An address without country has no element for it; a country without sub-division has none either."""
    permit = model.Permit(
        exporter=model.Party(address=model.Address(city=Text("Bern"))),
        import_country=model.Country(ids=(Identifier("FR"),)),
    )
    written = names(write(permit))
    assert "CountryIdentificationTradeCountry" not in written
    assert "SubordinateTradeCountrySubDivision" not in written
    assert read(write(permit)).permit == permit


def test_the_country_of_import_is_read():
    """Box 3a has an element of its own, and counts when the importer's address says none."""
    permit = model.Permit(importer=model.Party(), import_country=model.Country(ids=(Identifier("FR"),)))
    again = read(write(permit)).permit
    assert again.import_country == permit.import_country
    assert again.importer_country == "FR"


def test_only_units_are_attributes():
    """Languages, lists and schemes are not written; the schema would refuse them."""
    permit = model.Permit(
        number=Identifier("1", "scheme", "6"),
        type=Code("E", "1001", "6"),
        names=(Text("a", "EN"),),
        lines=(model.Line(packages=(model.Package(Quantity(Decimal("1.50"), "KGM")),)),),
    )
    root = write(permit)
    assert [dict(element.attrib) for element in root.iter() if element.attrib] == [{"unitCode": "KGM"}]
    assert schema.check("v1", root) == ()


def test_what_v1_has_not_is_left_out():
    """Marks, operation numbers, and a second procedure are not written, and the document is valid."""
    full = read(parse((FIXTURES / "every-element.xml").read_bytes()).root).permit
    procedure = model.Procedure(categories=(Code("A-CH-501"),))
    line = replace(
        full.lines[0],
        marks=(model.Marks((Text("Ring"),)),),
        procedures=(procedure, *full.lines[0].procedures),
    )
    root = write(replace(full, lines=(line,)))
    assert not names(root) & {"PhysicalLogisticsShippingMarks", "CategoryCode", "ManufacturerAssignedID"}
    assert len(read(root).permit.lines[0].procedures) == 1
    assert schema.check("v1", root) == ()


def test_the_seal_may_stand_at_the_end():
    """A signature fits as the last child of the root, as in v2, and is not read."""
    root = write(model.Permit(number=Identifier("CH-1")))
    plain = read(root).permit
    etree.SubElement(root, "{http://www.w3.org/2000/09/xmldsig#}Signature")
    assert schema.check("v1", root) == ()
    assert read(root).permit == plain


def test_prefixes():
    """The root and its three children carry rsm; below, the default namespace."""
    root = write(model.Permit())
    assert root.nsmap == {"rsm": V1_MESSAGE, None: V1_RAM}
    assert [child.prefix for child in root] == ["rsm"] * 3
