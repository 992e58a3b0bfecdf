import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.permits import permit_bytes

from gateway.errors import DoctypeRefused, DocumentError, DocumentTooLarge, EmptyDocument, NotXML
from gateway.xmlio.limits import DEFAULT_LIMITS
from gateway.xmlio.parse import MAX_BYTES, ParsedDocument, parse, parse_trusted


def refusal(data, **options):
    """The error with which bytes are refused."""
    with pytest.raises(DocumentError) as error:
        parse(data, **options)
    assert error.value.message
    return error.value


def test_a_permit_is_parsed_and_its_bytes_are_kept():
    """The result holds the bytes exactly as they came, and their tree."""
    data = permit_bytes()
    document = parse(data)
    assert document.data == data
    assert document.root.tag.endswith("}CITESEPermit")


def test_line_numbers_are_those_of_the_bytes():
    """Each element knows the line on which it began, counted from 1."""
    root = parse(b"<?xml version='1.0'?>\n<a>\n\n  <b/>\n  <c\n/></a>").root
    assert root.sourceline == 2
    assert root[0].sourceline == 4


@pytest.mark.parametrize("data", [b"", b" ", b"\n\t \r\n"])
def test_nothing_is_refused(data):
    """No bytes, or white space only, is an empty document."""
    assert isinstance(refusal(data), EmptyDocument)


def test_more_than_the_limit_is_refused_and_the_limit_is_not():
    """The limit itself is accepted, one byte more is refused before anything is parsed."""
    data = b"<a>" + b"x" * 93 + b"</a>"
    assert len(data) == 100
    assert isinstance(parse(data, max_bytes=100), ParsedDocument)
    error = refusal(data, max_bytes=99)
    assert isinstance(error, DocumentTooLarge)
    assert error.fields["limit"] == 99
    assert isinstance(refusal(b"x" * (MAX_BYTES + 1)), DocumentTooLarge)


@pytest.mark.parametrize("name", ["ISO-8859-1", "utf-16", "UTF-7", "windows-1252", "x-unknown"])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_another_declared_encoding_is_refused(name, quote):
    """Whoever declares something else than UTF-8 is told so by name, although the bytes would be UTF-8."""
    error = refusal(f"<?xml version='1.0' encoding={quote}{name}{quote}?><a/>".encode())
    assert isinstance(error, NotXML)
    assert name in error.message


@pytest.mark.parametrize("name", ["UTF-8", "utf-8", "US-ASCII", "ascii"])
def test_utf8_and_its_subset_may_be_declared(name):
    """UTF-8 in any case, and ASCII, are fine."""
    assert parse(f'<?xml version="1.0" encoding="{name}"?><a/>'.encode()).root.tag == "a"


@pytest.mark.parametrize(
    "data",
    [
        "<a>é</a>".encode("latin-1"),
        "<a>é</a>".encode("utf-16"),
        b"<a>\xc0\xaf</a>",
        b"<a>\xed\xa0\x80</a>",
        b"<a>\xf5\x80\x80\x80</a>",
    ],
    ids=["latin-1", "utf-16", "overlong", "surrogate", "beyond Unicode"],
)
def test_bytes_that_are_not_utf8_are_refused(data):
    """Latin-1, UTF-16, overlong forms and surrogates are not UTF-8."""
    error = refusal(data)
    assert isinstance(error, NotXML)
    assert "not UTF-8" in error.message


def test_a_declaration_as_long_as_the_limit_and_one_byte_more():
    """The search for its encoding is bounded; who declares more is told where to end."""
    limit = DEFAULT_LIMITS.max_declaration
    declaration = b'<?xml version="1.0"' + b" " * (limit - 21) + b"?>"
    assert len(declaration) == limit
    assert parse(declaration + b"<a/>").root.tag == "a"
    error = refusal(declaration.replace(b"?>", b" ?>") + b"<a/>")
    assert isinstance(error, NotXML)
    assert str(limit) in error.message


def test_a_byte_order_mark_is_allowed():
    """A UTF-8 byte order mark, as Windows writes it, does no harm and stays in the kept bytes."""
    document = parse(b"\xef\xbb\xbf<a>\xc3\xa9</a>")
    assert document.root.text == "é"
    assert document.data.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("data", [b"<a>\x00</a>", b"<a/>\x00", "<a/>".encode("utf-16-le")])
def test_a_nul_byte_is_refused(data):
    """A NUL ends a text for C programs and not for others: nobody may send one."""
    assert isinstance(refusal(data), NotXML)


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE a><a/>",
        b"<?xml version='1.0'?>\n<!-- a comment -->\n<?pi?>\n<!DOCTYPE a []><a/>",
        b"\xef\xbb\xbf<!DOCTYPE a SYSTEM 'http://example.org/a.dtd'><a/>",
        b"<!DOCTYPE a PUBLIC '-//x' 'x'><a/>",
        b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
        b"<!DOCTYPE a [<!ENTITY a '1'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]><a>&c;</a>",
        b"<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://example.org/p'>%p;]><a/>",
    ],
    ids=["plain", "after comments", "after a mark", "public", "external", "bomb", "parameter"],
)
def test_a_doctype_is_refused_wherever_it_stands(data):
    """No DOCTYPE, so no entity of any kind is ever expanded or fetched."""
    assert isinstance(refusal(data), DoctypeRefused)


def test_a_doctype_in_small_letters_is_not_well_formed():
    """XML knows the capitals only; small letters are no way around the check."""
    assert isinstance(refusal(b"<!doctype a [<!ENTITY x 'y'>]><a>&x;</a>"), NotXML)


@pytest.mark.parametrize("data", [b"<a>&unknown;</a>", b"<a>&#0;</a>", b"<a b='&x;'/>"])
def test_an_entity_that_nobody_declared_is_refused(data):
    """Without a DOCTYPE only the five entities of XML exist."""
    assert isinstance(refusal(data), NotXML)


@pytest.mark.parametrize(
    "data",
    [
        b"<a>",
        b"<a",
        b"<a></b>",
        b"text",
        b"<a/><b/>",
        b"<a b=1/>",
        b"<a b='1' b='2'/>",
        b"<x:a/>",
        b"{}",
        b"<>",
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_line(data):
    """Cut, crossed and doubled things are refused with line and advice."""
    error = refusal(b"\n" + data)
    assert isinstance(error, NotXML)
    assert error.fields["line"] >= 1
    assert error.advice


def test_every_truncation_of_a_permit_is_refused():
    """However short the transfer was cut, the rest is never taken for the whole."""
    data = permit_bytes().rstrip()
    for length in range(0, len(data), 37):
        refusal(data[:length])


def test_very_deep_nesting_is_refused():
    """libxml2's own limit on depth stays on."""
    assert isinstance(refusal(b"<a>" * 300), NotXML)


def test_comments_and_instructions_stay_in_the_tree():
    """What the parser saw is there for the signature check to refuse."""
    assert len(list(parse(b"<a><!-- c --><?p i?></a>").root)) == 2


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_parsed_or_refused_in_our_words(data):
    """No exception of lxml or Python escapes, whatever comes."""
    with contextlib.suppress(DocumentError):
        assert parse(data).data == data


@given(st.text(alphabet="<>/!?[]&;='\"-ab: \n", max_size=80))
def test_texts_that_look_like_xml_are_parsed_or_refused_in_our_words(text):
    """The same for texts made of the characters that mean something."""
    with contextlib.suppress(DocumentError):
        parse(text.encode())


def test_trusted_bytes_that_are_broken_are_refused_too():
    """Our own files may be damaged: the error is ours and not lxml's."""
    assert parse_trusted(b"<a/>").tag == "a"
    with pytest.raises(NotXML):
        parse_trusted(b"<a>")
