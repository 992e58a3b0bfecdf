"""What is special about v3: the data types of D22A, and its limits."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from lxml import etree

from gateway.codec import schema
from gateway.codec.v3 import leaves
from gateway.codec.v3.read import read
from gateway.codec.v3.write import write
from gateway.permits import model
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Identifier, Text
from gateway.xmlio.names import V3_MESSAGE, V3_QDT, V3_RAM, V3_UDT, local_name
from gateway.xmlio.parse import parse

ONE_HOUR = timezone(timedelta(hours=1))
WEST = timezone(-timedelta(hours=3, minutes=30))
DAY = datetime(2026, 11, 23)  # noqa: DTZ001 - a document may write no zone


def issued(child: str) -> etree._Element:
    """A v3 document with that much in the date of issue."""
    text = (
        f'<m:CITESEPermit xmlns:m="{V3_MESSAGE}" xmlns="{V3_RAM}" xmlns:udt="{V3_UDT}"><m:SpecifiedExchanged'
        f"DocumentContext/><m:HeaderExchangedDocument><IssueDateTime>{child}</IssueDateTime></m:Header"
        "ExchangedDocument><m:SpecifiedSupplyChainConsignment/></m:CITESEPermit>"
    )
    return parse(text.encode()).root


def digits(text: str, form: str = "") -> str:
    """A DateTimeString element."""
    attribute = f' format="{form}"' if form else ""
    return f"<udt:DateTimeString{attribute}>{text}</udt:DateTimeString>"


@pytest.mark.parametrize(
    ("child", "moment"),
    [
        ("<udt:DateTime>2026-11-23T10:20:30.125+01:00</udt:DateTime>", "2026-11-23T10:20:30.125000+01:00"),
        ("<udt:DateTime>2026-11-23T10:20:30</udt:DateTime>", "2026-11-23T10:20:30"),
        (digits("20261123", "102"), "2026-11-23T00:00:00"),
        (digits("202611231020", "203"), "2026-11-23T10:20:00"),
        (digits("20261123102030", "204"), "2026-11-23T10:20:30"),
        (digits("202611231020+0100", "205"), "2026-11-23T10:20:00+01:00"),
        (digits("20261123102030-0330", "208"), "2026-11-23T10:20:30-03:30"),
        (digits("20261123102030+0000", "208"), "2026-11-23T10:20:30+00:00"),
        (digits(" 20261123 ", "102"), "2026-11-23T00:00:00"),
        (digits("20261123"), "2026-11-23T00:00:00"),
        (digits("20280229", "102"), "2028-02-29T00:00:00"),
        (digits("20000229", "102"), "2000-02-29T00:00:00"),
        (digits("99991231235959+1400", "208"), "9999-12-31T23:59:59+14:00"),
    ],
)
def test_every_way_to_write_a_moment_is_read(child, moment):
    """xs:dateTime, and digits in the five formats of UNTDID 2379; what fits the schema is read."""
    root = issued(child)
    assert schema.check("v3", root) == ()
    assert read(root).permit.issued_at.isoformat() == moment


@pytest.mark.parametrize(
    "child",
    [
        "",
        "2026-11-23T10:20:30Z",
        "<udt:DateTime/>",
        "<udt:DateTime>2026-02-30T00:00:00Z</udt:DateTime>",
        digits(""),
        digits("20260229", "102"),
        digits("19000229", "102"),
        digits("20260431", "102"),
        digits("20261301", "102"),
        digits("20261123+0100", "102"),
        digits("2026112324", "203"),
        digits("202611232400", "203"),
        digits("202611231060", "203"),
        digits("20261123102060", "204"),
        digits("202611231020Z", "205"),
        digits("2026-11-23", "102"),
        digits("٢٠٢٦١١٢٣", "102"),
    ],
)
def test_what_is_no_moment_is_refused_and_left_out(child):
    """The schema refuses each, and the reader gives nothing and does not raise."""
    root = issued(child)
    assert schema.check("v3", root) != ()
    assert read(root).permit.issued_at is None


@pytest.mark.parametrize("child", [digits("202611231020+1401", "205"), digits("09991231", "102")])
def test_the_schema_is_narrower_than_the_reader(child):
    """Zones beyond 14 hours and years before 1000 are refused, as in xs:dateTime and in v2."""
    assert schema.check("v3", issued(child)) != ()


def test_a_format_that_is_not_known_is_refused():
    """Only the five formats that can be read are allowed."""
    assert schema.check("v3", issued(digits("20261123", "101"))) != ()


@pytest.mark.parametrize(
    ("moment", "text", "form"),
    [
        (datetime(2026, 6, 10, 9, 30, 15, tzinfo=UTC), "20260610093015+0000", "208"),
        (datetime(2026, 6, 10, 9, 30, 15, tzinfo=ONE_HOUR), "20260610093015+0100", "208"),
        (datetime(2026, 6, 10, 9, tzinfo=WEST), "20260610090000-0330", "208"),
        (datetime(2026, 6, 10, 9, 30), "20260610093000", "204"),  # noqa: DTZ001 - a document may write no zone
        (datetime(1000, 1, 1), "10000101000000", "204"),  # noqa: DTZ001 - as above
    ],
)
def test_the_date_of_a_reference_is_digits(moment, text, form):
    """D22A has only digits there: to the second, with the zone if there is one; and it comes back."""
    permit = model.Permit(references=(model.Reference(issued_at=moment),))
    root = write(permit)
    element = root.find(f".//{{{V3_RAM}}}FormattedIssueDateTime/{{{V3_QDT}}}DateTimeString")
    assert (element.text, element.get("format")) == (text, form)
    assert read(root).permit.references[0].issued_at.isoformat() == moment.isoformat()
    assert schema.check("v3", root) == ()


def test_all_attributes_are_kept():
    """The attributes that v2 has stand in their fields, the others in `more`, in the order of their names."""
    identifier = Identifier("1", "S", "5", (("schemeAgencyName", " an  agency "), ("schemeURI", "urn:x")))
    permit = model.Permit(
        number=identifier,
        type=Code("E", "1001", "6", (("languageID", "EN"), ("listVersionID", "D22A"), ("name", "export"))),
        names=(Text("a", "EN", (("languageLocaleID", "en-GB"),)),),
        lines=(
            model.Line(
                packages=(model.Package(Quantity(Decimal("1.50"), "KGM", (("unitCodeListID", "20"),))),),
            ),
        ),
    )
    root = write(permit)
    number = root.find(f"{{{V3_MESSAGE}}}HeaderExchangedDocument/{{{V3_RAM}}}ID")
    assert number.attrib == {
        "schemeID": "S",
        "schemeAgencyID": "5",
        "schemeAgencyName": " an  agency ",
        "schemeURI": "urn:x",
    }
    assert read(root).permit == permit
    assert schema.check("v3", root) == ()


@pytest.mark.parametrize("names", [leaves.OF_TEXT, leaves.OF_IDENTIFIER, leaves.OF_CODE, leaves.OF_QUANTITY])
def test_further_attributes_have_one_order(names):
    """The same attributes always make the same value."""
    assert list(names) == sorted(names)


def test_an_attribute_of_another_type_is_not_written():
    """What the data type does not have is left out, so that the document stays valid."""
    permit = model.Permit(
        number=Identifier("1", more=(("listName", "x"),)), names=(Text("a", more=(("name", "x"),)),)
    )
    root = write(permit)
    assert not [element for element in root.iter() if element.attrib]
    assert schema.check("v3", root) == ()


def test_the_representative_is_a_contact_before_the_address():
    """D22A has no representative person: the nearest is the contact, which stands before the address."""
    party = model.Party(
        name=Text("a"), address=model.Address(city=Text("Bern")), representative=model.Person(Text("b"))
    )
    root = write(model.Permit(exporter=party))
    element = root.find(f".//{{{V3_RAM}}}ConsignorTradeParty")
    assert [local_name(child.tag) for child in element] == [
        "Name",
        "DefinedTradeContact",
        "PostalTradeAddress",
    ]
    assert local_name(element[1][0].tag) == "PersonName"
    assert read(root).permit.exporter == party


def test_no_more_than_the_limit_is_written():
    """Where D22A takes one value, the first is written and the document stays valid."""
    two = (Text("a"), Text("b"))
    permit = model.Permit(
        exporter=model.Party(address=model.Address(streets=two)),
        lines=(model.Line(specimens=(model.Specimen(product=model.Product(scientific_names=two)),)),),
    )
    root = write(permit)
    assert schema.check("v3", root) == ()
    again = read(root).permit
    assert again.exporter.address.streets == two[:1]
    assert again.lines[0].specimens[0].product.scientific_names == two[:1]


def test_an_indicator_stands_in_a_child():
    """Yes and no are inside an element Indicator."""
    for value in (True, False):
        root = write(model.Permit(copy=value))
        element = root.find(f".//{{{V3_RAM}}}CopyIndicator/{{{V3_UDT}}}Indicator")
        assert element.text == str(value).lower()
        assert read(root).permit.copy is value


def test_a_comment_in_a_date_does_not_cut_it():
    """The whole text of the child counts (attack 7)."""
    root = issued("<!-- x --><udt:DateTime>2026-11-<!-- y -->23T00:00:00</udt:DateTime>")
    assert read(root).permit.issued_at == DAY


def test_the_seal_may_stand_at_the_end():
    """A signature fits as the last child of the root, as in v2, and is not read."""
    root = write(model.Permit(number=Identifier("CH-1")))
    plain = read(root).permit
    etree.SubElement(root, "{http://www.w3.org/2000/09/xmldsig#}Signature")
    assert schema.check("v3", root) == ()
    assert read(root).permit == plain
