"""What holds for each message version."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import xmlschema
from lxml import etree

from gateway import resources
from gateway.codec import schema
from gateway.codec.binding import Field, Group, Leaf, Shape
from gateway.codec.leaves import (
    CODE,
    IDENTIFIER,
    INDICATOR,
    MOMENT,
    PLAIN_CODE,
    PLAIN_IDENTIFIER,
    PLAIN_TEXT,
    QUANTITY,
    TEXT,
)
from gateway.codec.registry import inspect
from gateway.codec.v3 import leaves as d22a
from gateway.codec.versions import VERSIONS
from gateway.xmlio.find import xpath_of
from gateway.xmlio.names import V3_QDT, V3_UDT, local_name, namespace_of
from gateway.xmlio.parse import parse

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
FOLDER = Path(__file__).parent
FIXTURES = FOLDER.parents[2] / "fixtures" / "permits"
FOLDERS = {"v1": FIXTURES / "v1", "v2": FIXTURES, "v3": FIXTURES / "v3"}
GOOD = [(version, path) for version, folder in FOLDERS.items() for path in sorted(folder.glob("*.xml"))]
ELEMENTS = {"v1": 258, "v2": 253, "v3": 256}
"""Of v3, the 260 rows of the projection without the four candidates that nobody is known to use."""
ONCE_BY_RULE = ("IncludedSupplyChainConsignmentItem/ID", "TransportLogisticsPackage")
"""May be repeated, and the rules complain; the full document has no finding."""
INSIDE_VALUES = {V3_UDT, V3_QDT}
"""Elements of data types, not of the permit."""

each_version = pytest.mark.parametrize("version", VERSIONS)
each_document = pytest.mark.parametrize(
    ("version", "path"), GOOD, ids=[f"{version}-{path.stem}" for version, path in GOOD]
)


def listed(version: str) -> list[str]:
    """The paths of all elements of a version, as the facts have them."""
    return (FOLDER / f"elements_{version}.txt").read_text(encoding="utf-8").split()


def every(version: str) -> etree._Element:
    """The document that fills everything."""
    return parse((FOLDERS[version] / "every-element.xml").read_bytes()).root


def rewritten(version: str, root: etree._Element) -> etree._Element:
    """A document after a journey through the model."""
    return VERSIONS[version].write(VERSIONS[version].read(root).permit)


def paths(root: etree._Element) -> list[str]:
    """The paths of the elements with local names and without positions, each once, in document order."""
    found = {}
    for element in root.iter(etree.Element):
        if namespace_of(element.tag) not in INSIDE_VALUES:
            names = [local_name(step.tag) for step in (element, *element.iterancestors())]
            found["/" + "/".join(reversed(names))] = None
    return list(found)


def content(element: etree._Element) -> tuple:
    """An element as nested tuples: what it says without the white space between elements."""
    children = [child for child in element if isinstance(child.tag, str)]
    text = "" if children else (element.text or "")
    return element.tag, text, sorted(element.attrib.items()), [content(child) for child in children]


@each_version
def test_the_list_of_elements_is_whole(version):
    """Each version has as many element paths as the facts name, each once."""
    assert len(listed(version)) == len(set(listed(version))) == ELEMENTS[version]


@each_version
def test_every_element_is_in_the_fixture(version):
    """The fixture that fills everything has exactly the elements of its version, in their order."""
    assert paths(every(version)) == listed(version)


@each_version
def test_every_element_survives_reading_and_writing(version):
    """Each element path is reachable: it comes out of the model again."""
    assert paths(rewritten(version, every(version))) == listed(version)


@each_version
def test_every_field_is_filled_by_the_fixture(version):
    """No field of the shape is there for nothing: the full document fills each at least once."""

    def empty(one: Shape, values: list) -> list[str]:
        names = []
        for field in one.fields():
            items = [getattr(value, field.name) for value in values]
            flat = [i for some in items for i in some] if field.many else [i for i in items if i is not None]
            if not flat:
                names.append(f"{one.model.__name__}.{field.name}")
            elif isinstance(field.content, Shape):
                names.extend(empty(field.content, flat))
        return names

    assert empty(VERSIONS[version].shape, [VERSIONS[version].read(every(version)).permit]) == []


@each_version
def test_every_repetition_is_in_the_fixture(version):
    """What may stand more than once does so in the full document."""
    repeated = {paths_of(e) for e in every(version).iter() if next(e.itersiblings(e.tag), None) is not None}
    root = local_name(VERSIONS[version].root)
    many = {path for path, most in limits(VERSIONS[version].shape.parts, f"/{root}") if most != 1}
    assert {path for path in many - repeated if not path.endswith(ONCE_BY_RULE)} == set()
    assert repeated <= many


def paths_of(element: etree._Element) -> str:
    """The path of one element."""
    return "/" + "/".join(reversed([local_name(e.tag) for e in (element, *element.iterancestors())]))


def limits(parts: tuple[Field | Group, ...], prefix: str) -> list[tuple[str, int | None]]:
    """The path of every element of a shape, and how often it may stand."""
    found = []
    for part in parts:
        path = f"{prefix}/{local_name(part.tag)}"
        if isinstance(part, Group):
            found += [(path, 1), *limits(part.parts, path)]
            continue
        found.append((path, part.most))
        if isinstance(part.content, Shape):
            found += limits(part.content.parts, path)
    return found


@each_document
def test_nothing_is_lost(version, path):
    """Elements, texts, attributes and order of a document are the same after reading and writing."""
    root = parse(path.read_bytes()).root
    assert content(rewritten(version, root)) == content(root)


@each_document
def test_good_permits_fit(version, path):
    """The good fixtures fit the schema, in libxml2 and in xmlschema."""
    root = parse(path.read_bytes()).root
    assert schema.check(version, root) == ()
    assert list(schema._explaining(version).iter_errors(root)) == []


@each_document
def test_written_documents_are_stable(version, path):
    """What we write is read to the same permit; writing that gives the same bytes, those of the fixture."""
    root = parse(path.read_bytes()).root
    again = rewritten(version, root)
    assert etree.tostring(again) == etree.tostring(root)
    assert repr(VERSIONS[version].read(again).permit) == repr(VERSIONS[version].read(root).permit)


@pytest.mark.parametrize("name", ["v1/ch-reexport-caviar.xml", "v3/ch-export-orchids.xml"])
def test_an_ordinary_permit_has_no_finding(name):
    """The ordinary permits of the other versions are as good as those of v2."""
    inspection = inspect(parse((FIXTURES / name).read_bytes()), at=AT)
    assert inspection.version == name[:2]
    assert inspection.report.findings == ()
    assert inspection.permit.ref is not None


@each_version
def test_the_shape_is_the_schema(version):
    """The shape has the elements, the order, the repetition and the kinds of the XSD, all the way down."""
    known = VERSIONS[version]
    xsd = xmlschema.XMLSchema10(str(resources.schemas() / known.schema))
    compared = 0

    def compare(parts, element) -> None:
        nonlocal compared
        declared = [e for e in element.type.content.iter_elements() if e.name]
        assert [part.tag for part in parts] == [e.name for e in declared]
        for part, declaration in zip(parts, declared, strict=True):
            compared += 1
            if isinstance(part, Group):
                assert tuple(declaration.occurs) == (int(part.always), 1)
                compare(part.parts, declaration)
                continue
            mandatory = part.name == "context"
            assert tuple(declaration.occurs) == (int(mandatory), part.most)
            if isinstance(part.content, Shape):
                compare(part.content.parts, declaration)
            else:
                assert _declared_kind(declaration) in KINDS[part.content]

    compare(known.shape.parts, xsd.elements[local_name(known.root)])
    assert compared == ELEMENTS[version] - 1


KINDS: dict[Leaf, set[str]] = {
    PLAIN_TEXT: {"TextType"},
    PLAIN_IDENTIFIER: {"IDType", "PermitNumberType"},
    PLAIN_CODE: {"PlainCodeType", "CodeType"},
    TEXT: {"TextType languageID"},
    IDENTIFIER: {"IDType schemeAgencyID schemeID", "PermitNumberType schemeAgencyID schemeID"},
    CODE: {"CodeType listAgencyID listID", "DocumentCodeType listAgencyID listID"},
    QUANTITY: {"QuantityType unitCode"},
    MOMENT: {"DateTimeType"},
    INDICATOR: {"IndicatorType"},
    d22a.TEXT: {" ".join(["TextType", *sorted(["languageID", *d22a.OF_TEXT])])},
    d22a.IDENTIFIER: {
        " ".join([kind, *sorted(["schemeID", "schemeAgencyID", *d22a.OF_IDENTIFIER])])
        for kind in ("IDType", "PermitNumberType")
    },
    d22a.CODE: {" ".join(["CodeType", *sorted(["listID", "listAgencyID", *d22a.OF_CODE])])},
    d22a.QUANTITY: {" ".join(["QuantityType", *sorted(["unitCode", *d22a.OF_QUANTITY])])},
    d22a.MOMENT: {"DateTimeType DateTime|DateTimeString"},
    d22a.FORMATTED_MOMENT: {"FormattedDateTimeType DateTimeString"},
    d22a.INDICATOR: {"IndicatorType Indicator"},
}
"""By leaf: the type of the XSD, its attributes, and the elements inside."""


def _declared_kind(declaration) -> str:
    """The name of a type with its attributes or with the elements inside it."""
    kind = declaration.type
    parts = [kind.local_name, *sorted(str(name) for name in getattr(kind, "attributes", {}))]
    if kind.has_complex_content():
        parts.append("|".join(child.local_name for child in kind.content.iter_elements()))
    return " ".join(parts)


@each_version
def test_every_element_has_a_model_path(version):
    """Each element that is bound to a field is the place of exactly one model path, with its own line."""
    root = every(version)
    places = VERSIONS[version].read(root).places
    covers = {local_name(part.tag) for part in groups(VERSIONS[version].shape)} | {local_name(root.tag)}
    bound = [
        element
        for element in root.iter(etree.Element)
        if local_name(element.tag) not in covers and namespace_of(element.tag) not in INSIDE_VALUES
    ]
    found = [(place.path, place.line) for place in places.values()]
    assert sorted(found) == sorted((xpath_of(element), element.sourceline) for element in bound)


def groups(shape: Shape) -> list[Group]:
    """The elements of a shape that are bound to no field of their own."""
    found = []
    waiting = list(shape.parts)
    while waiting:
        part = waiting.pop()
        if isinstance(part, Group):
            found.append(part)
            waiting.extend(part.parts)
        elif isinstance(part.content, Shape):
            waiting.extend(part.content.parts)
    return found


@each_version
def test_the_fixture_has_every_attribute(version):
    """Every attribute that a data type of the XSD declares stands in the full document."""
    known = VERSIONS[version]
    xsd = xmlschema.XMLSchema10(str(resources.schemas() / known.schema))
    declared = {
        str(name)
        for kind in xsd.maps.types.values()
        if hasattr(kind, "attributes") and namespace_of(kind.name).startswith("urn:")
        for name in kind.attributes
    }
    assert {name for element in every(version).iter() for name in element.attrib} == declared


@each_version
def test_namespaces_stand_once(version):
    """The schemas of a version use the namespaces of `names.py` and no others."""
    known = VERSIONS[version]
    folder = (resources.schemas() / known.schema).parent
    targets = {parse(path.read_bytes()).root.get("targetNamespace") for path in folder.glob("*.xsd")}
    used = {namespace_of(e.tag) for e in every(version).iter(etree.Element)}
    assert targets == used
    assert (folder / Path(known.schema).name).read_text(encoding="utf-8").count(
        f'<xs:element name="{local_name(known.root)}"'
    ) == 1


@each_version
def test_the_schemas_stand_alone(version):
    """No schema refers to another machine or to an absolute path."""
    for path in (resources.schemas() / version).glob("*.xsd"):
        for element in parse(path.read_bytes()).root.iter("{*}import", "{*}include"):
            assert (path.parent / element.get("schemaLocation")).is_file()
            assert "/" not in element.get("schemaLocation")
