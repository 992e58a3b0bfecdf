"""Each ceiling stands exactly where its number says: the limit passes, one more does not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.errors import DocumentTooComplex
from gateway.xmlio import scan
from gateway.xmlio.limits import DEFAULT_LIMITS, ENVELOPE_LIMITS, PERMIT_LIMITS, Limits
from gateway.xmlio.parse import parse
from gateway.xmlio.scan import check_bytes

SMALL = replace(
    DEFAULT_LIMITS,
    max_depth=5,
    max_elements=10,
    max_attributes=12,
    max_attributes_per_element=3,
    max_namespaces=6,
    max_namespaces_per_element=4,
    max_references=3,
    max_text=20,
    max_attribute=10,
)


def attributes(count: int) -> bytes:
    """So many attributes."""
    return b"".join(b' a%d=""' % number for number in range(count))


def namespaces(count: int) -> bytes:
    """So many namespace declarations."""
    return b"".join(b' xmlns:n%d="u:%d"' % (number, number) for number in range(count))


CASES = {
    "elements": (b"<a>" + b"<b/>" * 9 + b"</a>", b"<a>" + b"<b></b>" * 10 + b"</a>", 11, 10),
    "comments count": (b"<a>" + b"<!---->" * 9 + b"</a>", b"<a>" + b"<!---->" * 10 + b"</a>", 11, 10),
    "attributes": (
        b"<a>" + b'<b c="" d="" e=""/>' * 4 + b"</a>",
        b'<a f="">' + b'<b c="" d="" e=""/>' * 4 + b"</a>",
        13,
        12,
    ),
    "attributes of one element": (b"<a" + attributes(3) + b"/>", b"<a" + attributes(4) + b"/>", 4, 3),
    "namespaces": (
        b"<a>" + b'<b xmlns="u:"/>' * 6 + b"</a>",
        b"<a>" + b'<b xmlns="u:"/>' * 7 + b"</a>",
        7,
        6,
    ),
    "namespaces of one element": (b"<a" + namespaces(4) + b"/>", b"<a" + namespaces(5) + b"/>", 5, 4),
    "namespaces of an inner element": (
        b'<a xmlns="u:"><b' + namespaces(4) + b"/></a>",
        b'<a xmlns="u:"><b' + namespaces(5) + b"/></a>",
        5,
        4,
    ),
    "references": (b"<a>&lt;&lt;&lt;</a>", b"<a>&lt;&lt;&lt;&lt;</a>", 4, 3),
    "depth": (b"<a>" * 5 + b"</a>" * 5, b"<a>" * 6 + b"</a>" * 6, 6, 5),
    "text": (b"<a>" + b"x" * 20 + b"</a>", b"<a>" + b"x" * 21 + b"</a>", 21, 20),
    "text counts characters": ("<a>" + "é" * 20 + "</a>", "<a>" + "é" * 21 + "</a>", 21, 20),
    "attribute": (b'<a b="' + b"x" * 10 + b'"/>', b'<a b="' + b"x" * 11 + b'"/>', 11, 10),
}


@pytest.mark.parametrize("name", CASES)
def test_the_limit_passes_and_one_more_does_not(name: str) -> None:
    """At the ceiling a document is accepted; above it the error says what was found and what the limit is."""
    at, above, found, limit = CASES[name]
    at, above = (each.encode() if isinstance(each, str) else each for each in (at, above))
    # The texts of these documents are long enough for the ceilings that short documents are not counted for.
    assert parse(at + b" " * 40, limits=SMALL).data
    with pytest.raises(DocumentTooComplex) as error:
        parse(above + b" " * 40, limits=SMALL)
    assert error.value.fields == {"found": found, "limit": limit}
    assert error.value.advice


def test_a_text_in_cdata_is_measured_although_it_holds_what_begins_a_tag() -> None:
    """A `<` in it is text: the bytes hold no long stretch without one, and the text is long all the same."""
    limits = replace(DEFAULT_LIMITS, max_text=20)
    assert parse(b"<a><![CDATA[" + b"xxxx<" * 4 + b"]]></a>", limits=limits).data
    with pytest.raises(DocumentTooComplex) as error:
        parse(b"<a><![CDATA[" + b"xxxx<" * 4 + b"x]]></a>", limits=limits)
    assert error.value.fields == {"found": 21, "limit": 20}


def elements(count: int) -> bytes:
    """So many elements."""
    return b"<a>" + b"<b/>" * (count - 1) + b"</a>"


def equals(count: int) -> bytes:
    """So many attributes, sixty in each element."""
    full, rest = divmod(count, 60)
    return b"<a>" + (b"<b" + attributes(60) + b"/>") * full + b"<b" + attributes(rest) + b"/></a>"


def spread(count: int) -> bytes:
    """So many namespace declarations, one in each element."""
    return b"<a>" + b'<b xmlns="u:"/>' * count + b"</a>"


def text(count: int) -> bytes:
    """A text of so many characters."""
    return b"<a>" + b"x" * count + b"</a>"


BORDERS = {
    "max_depth": lambda count: b"<a>" * count + b"</a>" * count,
    "max_elements": elements,
    "max_attributes": equals,
    "max_attributes_per_element": lambda count: b"<a" + attributes(count) + b"/>",
    "max_namespaces": spread,
    "max_namespaces_per_element": lambda count: b"<a" + namespaces(count) + b"/>",
    "max_references": lambda count: b"<a>" + b"&lt;" * count + b"</a>",
    "max_text": text,
    "max_attribute": lambda count: b'<a b="' + b"x" * count + b'"/>',
}
KINDS = {"default": DEFAULT_LIMITS, "permit": PERMIT_LIMITS, "envelope": ENVELOPE_LIMITS}
REAL = [
    (kind, name)
    for kind, limits in KINDS.items()
    for name in BORDERS
    # A text longer than its document cannot be, nor more declarations than elements, one in each.
    if not (name == "max_text" and limits.max_text >= limits.max_bytes)
    if not (name == "max_namespaces" and limits.max_namespaces >= limits.max_elements)
]


@pytest.mark.parametrize(("kind", "name"), REAL)
def test_the_limits_in_use_stand_where_they_say(kind: str, name: str) -> None:
    """For each kind of document the real number passes, and one more does not."""
    limits = KINDS[kind]
    limit = getattr(limits, name)
    assert parse(BORDERS[name](limit), limits=limits).data
    with pytest.raises(DocumentTooComplex) as error:
        parse(BORDERS[name](limit + 1), limits=limits)
    assert error.value.fields["limit"] == limit


def test_no_limit_is_forgotten() -> None:
    """Every ceiling has a document at its border here, or in `test_parse.py`."""
    assert BORDERS.keys() | {"max_bytes", "max_declaration"} == set(Limits.__slots__)


@given(
    st.lists(
        st.sampled_from([b"<b/>", b'<b c="">', b"</b>", b"text=", b"<!--=-->", b"<![CDATA[<=]]>", b"====="]),
        max_size=30,
    ),
    st.integers(1, 12),
)
def test_a_long_tag_attribute_or_text_is_never_overlooked(pieces: list[bytes], length: int) -> None:
    """Every stretch without a `<` that is longer than asked for is found, and none that is not."""
    data = b"".join(pieces)
    expected = []
    begin = 0
    for part in data.split(b"<"):
        if len(part) > length:
            expected.append((begin, begin + len(part)))
        begin += len(part) + 1
    assert list(scan._stretches(data, length)) == expected


@pytest.mark.parametrize("piece", [1, 2, 5, 7, 1000])
def test_a_word_at_the_border_of_two_pieces_is_counted_once(
    piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the bytes are cut for the search."""
    monkeypatch.setattr(scan, "_PIECE", piece)
    data = b"xmlns xxmlns xmlnsxmlns xml ns" * 3
    assert scan._count(data, b"xmlns") == data.count(b"xmlns") == 12


@pytest.mark.parametrize("limits", [DEFAULT_LIMITS, PERMIT_LIMITS, ENVELOPE_LIMITS])
def test_every_ceiling_is_set(limits: Limits) -> None:
    """No kind of document goes without a ceiling."""
    assert all(getattr(limits, name) > 0 for name in Limits.__slots__)
    assert limits.max_depth <= 64
    assert limits.max_attributes_per_element <= 64
    assert limits.max_namespaces_per_element <= 32
    assert limits.max_namespaces <= 256


@given(
    st.recursive(
        st.sampled_from(
            [b"<b/>", b"text", b'<c d="e"/>', b"<!-- < -->", b"<![CDATA[<<=&xmlns]]>", b"<?p =?>"]
        ),
        lambda inside: st.lists(inside, max_size=6).map(lambda parts: b"<n>" + b"".join(parts) + b"</n>"),
        max_leaves=40,
    )
)
def test_the_bytes_are_never_counted_too_low(piece: bytes) -> None:
    """More markup or attributes than the ceiling are always seen, whatever else stands in the document."""
    data = b"<a>" + piece + b"</a>" + b" " * 2000
    root = parse(data).root
    nodes = sum(1 for _ in root.iter())
    held = sum(len(element.attrib) for element in root.iter(etree.Element))
    with pytest.raises(DocumentTooComplex):
        check_bytes(data, replace(DEFAULT_LIMITS, max_elements=nodes - 1))
    if held > 1:
        with pytest.raises(DocumentTooComplex):
            check_bytes(data, replace(DEFAULT_LIMITS, max_attributes=held - 1))


def test_a_declaration_never_decides_how_bytes_are_read() -> None:
    """Even in a place where our own look does not find it, another encoding is not obeyed (attack 21)."""
    assert parse(b"<?xml version='1.0' encoding='us-ascii'?><a>\xc3\xa9</a>").root.text == "é"
