from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from gateway.codec import schema
from gateway.codec.leaves import QUANTITY
from gateway.codec.registry import encode
from gateway.codec.v2.read import read
from gateway.codec.v2.write import write
from gateway.errors import MalformedRequest
from gateway.permits import model
from gateway.permits.quantities import Quantity
from gateway.permits.values import Identifier, Text
from gateway.xmlio.names import V2_MESSAGE, V2_RAM
from gateway.xmlio.parse import parse

FIXTURES = Path(__file__).parents[3] / "fixtures" / "permits"


def test_the_bytes_are_the_fixture():
    """The form in which we write is that of the fixtures, byte for byte."""
    data = (FIXTURES / "ch-export-orchids.xml").read_bytes()
    assert encode(read(parse(data).root).permit) == data


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 23, 12, tzinfo=UTC),
        datetime(2026, 11, 23, 12, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 11, 23, 12),  # noqa: DTZ001 - a document may write no zone
        datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=5, minutes=45))),
        datetime(1000, 1, 1, tzinfo=timezone(-timedelta(hours=14))),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2028, 2, 29, tzinfo=UTC),
    ],
)
def test_times_keep_zone_and_fraction(moment):
    """A time keeps its zone, or that it has none, and its microseconds; and fits the schema."""
    root = write(model.Permit(issued_at=moment))
    back = read(root).permit.issued_at
    assert back.isoformat() == moment.isoformat()
    assert schema.check("v2", root) == ()


@pytest.mark.parametrize(
    "text", ["1.50", "0.000", "-0.5", "999999999999999999", "0.000000000000000001", "1E+3"]
)
def test_quantities_keep_their_scale(text):
    """A quantity keeps every digit, also trailing zeros."""
    quantity = Quantity(Decimal(text), "KGM")
    permit = model.Permit(lines=(model.Line(packages=(model.Package(quantity),)),))
    root = write(permit)
    assert str(read(root).permit.lines[0].quantity) == str(quantity)
    assert schema.check("v2", root) == ()


def test_empty_and_absent_stay_apart():
    """An element that was there and empty is not the same as none."""
    permit = model.Permit(
        names=(Text(""),),
        copy=False,
        validity=model.Period(),
        lines=(model.Line(), model.Line(specimens=(model.Specimen(product=model.Product()),))),
    )
    assert read(parse(encode(permit)).root).permit == permit


def test_a_comment_does_not_cut_a_value():
    """The whole text of an element counts, not what stands before a comment or an instruction (attack 7)."""
    data = encode(model.Permit(number=Identifier("CH-100"))).replace(b"CH-100", b"CH-<!-- x -->1<?x?>00")
    assert read(parse(data).root).permit.number_text == "CH-100"


def test_white_space_around_identifiers_says_nothing():
    """Identifiers and codes are tokens, texts are not: a pretty printer does not change a number."""
    data = encode(model.Permit(number=Identifier("CH 1"), names=(Text(" a "),)))
    data = data.replace(b"CH 1", b"\n    CH \t 1\n  ")
    permit = read(parse(data).root).permit
    assert permit.number_text == "CH 1"
    assert permit.names[0].value == " a "


def test_a_signature_is_not_read():
    """The seal is no part of the permit."""
    root = write(model.Permit(number=Identifier("CH-1")))
    plain = read(root).permit
    etree.SubElement(root, "{http://www.w3.org/2000/09/xmldsig#}Signature")
    assert read(root).permit == plain
    assert schema.check("v2", root) == ()


def test_what_cannot_be_read_is_left_out():
    """Reading a document that does not fit its schema gives what can be read and raises nothing."""
    data = encode(
        model.Permit(
            number=Identifier("CH-1"),
            issued_at=datetime(2026, 11, 23, tzinfo=UTC),
            copy=True,
            lines=(model.Line(packages=(model.Package(Quantity(Decimal("1.25"))),)),),
        )
    )
    for old, new in ((b"2026-11-23T", b"2026-02-30T"), (b">true<", b">maybe<"), (b">1.25<", b">NaN<")):
        data = data.replace(old, new)
    permit = read(parse(data).root).permit
    assert (permit.number_text, permit.issued_at, permit.copy) == ("CH-1", None, None)
    assert permit.lines[0].quantity is None


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e3", "٣", "1_000", "", "1,5", "--1", "."])
def test_only_decimals_are_quantities(text):
    """Python's Decimal reads more than xs:decimal; the reader does not."""
    element = etree.Element("ItemQuantity")
    element.text = text
    assert QUANTITY.read(element) is None


def test_the_first_of_what_stands_once_counts():
    """A second number in a document that does not fit its schema does not replace the first."""
    root = write(model.Permit(number=Identifier("CH-1")))
    etree.SubElement(root[1], f"{{{V2_RAM}}}ID").text = "CH-2"
    assert read(root).permit.number_text == "CH-1"


def test_characters_that_xml_has_not_are_told():
    """A control character in a text is an error of ours, not of lxml."""
    with pytest.raises(MalformedRequest, match="cannot be written"):
        write(model.Permit(names=(Text("a\x00b"),)))


def test_prefixes():
    """The root and its three children carry rsm; below, the default namespace."""
    root = write(model.Permit())
    assert root.nsmap == {"rsm": V2_MESSAGE, None: V2_RAM}
    assert [child.prefix for child in root] == ["rsm"] * 3
