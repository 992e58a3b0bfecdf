from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
import xmlschema
from lxml import etree

from gateway import resources
from gateway.codec import schema
from gateway.codec.binding import Group, Leaf, Shape
from gateway.codec.leaves import CODE, IDENTIFIER, MOMENT, PLAIN_CODE, QUANTITY, TEXT
from gateway.codec.registry import encode
from gateway.codec.v2 import shape
from gateway.codec.v2.read import read
from gateway.codec.v2.write import write
from gateway.errors import MalformedRequest
from gateway.permits import model
from gateway.permits.quantities import Quantity
from gateway.permits.values import Identifier, Text
from gateway.xmlio.names import V2_MESSAGE, V2_RAM, local_name
from gateway.xmlio.parse import parse

FIXTURES = Path(__file__).parents[3] / "fixtures" / "permits"
GOOD = sorted(FIXTURES.glob("*.xml"))
EVERY = (FIXTURES / "every-element.xml").read_bytes()
PATHS = (Path(__file__).parent / "elements_v2.txt").read_text(encoding="utf-8").split()


def _paths(root: etree._Element) -> set[str]:
    """The path of every element with local names and without positions."""
    found = set()
    for element in root.iter(etree.Element):
        names = [local_name(step.tag) for step in (element, *element.iterancestors())]
        found.add("/" + "/".join(reversed(names)))
    return found


def _content(element: etree._Element) -> tuple:
    """An element as nested tuples: what it says without the white space between elements."""
    children = [child for child in element if isinstance(child.tag, str)]
    text = "" if children else (element.text or "")
    return element.tag, text, sorted(element.attrib.items()), [_content(child) for child in children]


def test_the_list_of_elements_is_whole():
    """Message version v2 has 253 element paths."""
    assert len(PATHS) == len(set(PATHS)) == 253


def test_every_element_is_in_the_fixture():
    """The fixture that fills everything has exactly the elements of v2."""
    assert _paths(parse(EVERY).root) == set(PATHS)


def test_every_element_survives_reading_and_writing():
    """Each element path of v2 is reachable: it comes out of the model again."""
    assert _paths(write(read(parse(EVERY).root).permit)) == set(PATHS)


def test_every_field_of_the_model_is_filled_by_the_fixture():
    """No field of the model is there for nothing: the full document fills each at least once."""

    def empty(one: Shape, values: list) -> list[str]:
        names = []
        for field in one.fields():
            items = [getattr(value, field.name) for value in values]
            flat = (
                [item for some in items for item in some]
                if field.many
                else [i for i in items if i is not None]
            )
            if not flat:
                names.append(f"{one.model.__name__}.{field.name}")
            elif isinstance(field.content, Shape):
                names.extend(empty(field.content, flat))
        return names

    assert empty(shape.PERMIT, [read(parse(EVERY).root).permit]) == []


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_nothing_is_lost(path):
    """Elements, texts, attributes and order of a document are the same after reading and writing."""
    root = parse(path.read_bytes()).root
    assert _content(write(read(root).permit)) == _content(root)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_written_documents_are_stable(path):
    """What we write is read to the same permit, and writing that gives the same bytes."""
    permit = read(parse(path.read_bytes()).root).permit
    data = encode(permit)
    again = read(parse(data).root).permit
    assert repr(again) == repr(permit)
    assert encode(again) == data


def test_the_bytes_are_the_fixture():
    """The form in which we write is that of the fixtures, byte for byte."""
    data = (FIXTURES / "ch-export-orchids.xml").read_bytes()
    assert encode(read(parse(data).root).permit) == data


def test_the_shape_is_the_schema():
    """The shape has the elements, the order, the repetition and the kinds of the XSD, all the way down."""
    xsd = xmlschema.XMLSchema10(str(resources.schemas() / "v2" / "CITESEPermit.xsd"))
    compared = 0

    def compare(parts, element) -> None:
        nonlocal compared
        declared = [e for e in element.type.content.iter_elements() if e.name]
        assert [part.tag for part in parts] == [e.name for e in declared]
        for part, declaration in zip(parts, declared, strict=True):
            compared += 1
            if isinstance(part, Group):
                assert tuple(declaration.occurs) == (1, 1)
                compare(part.fields, declaration)
                continue
            mandatory = part.name == "context"
            assert tuple(declaration.occurs) == (int(mandatory), None if part.many else 1)
            if isinstance(part.content, Shape):
                compare(part.content.parts, declaration)
            else:
                assert _kind(part.content) == _declared_kind(declaration)

    compare(shape.PERMIT.parts, xsd.elements["CITESEPermit"])
    assert compared == 252


def _kind(leaf: Leaf) -> str:
    kinds = {
        TEXT: "TextType",
        IDENTIFIER: "IDType",
        CODE: "CodeType",
        PLAIN_CODE: "PlainCodeType",
        QUANTITY: "QuantityType",
        MOMENT: "DateTimeType",
    }
    return kinds.get(leaf, "IndicatorType")


def _declared_kind(declaration) -> str:
    name = declaration.type.local_name
    return {"PermitNumberType": "IDType", "DocumentCodeType": "CodeType"}.get(name, name)


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
