"""What `sign()` returns, `verify()` accepts; what it would not accept, `sign()` refuses to sign."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from support.keys import KINDS, NOW, seal

from gateway.errors import AlreadySigned, DocumentTooComplex, NotSignable
from gateway.signatures.policy import SIGNATURE
from gateway.signatures.sign import sign
from gateway.signatures.verify import verify
from gateway.xmlio.limits import DEFAULT_LIMITS
from gateway.xmlio.parse import parse

XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
NAMES = st.sampled_from(["a", "{urn:a}b", "{urn:b}Signature", "{http://www.w3.org/2000/09/xmldsig#}Object"])
IDS = st.sampled_from(["id", "Id", "iD", "ID", XML_ID, "{urn:a}Id"])
HARMLESS = st.sampled_from(["unit", "schemeID", "identifier", "{urn:a}ident", "URI", "Algorithm"])
TEXTS = st.sampled_from([None, "", "x", " \n", 'CH id="x"', "é\u2028", "]]>", "\r", "</ds:Signature>"])


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> etree._Element:
    """A document, often harmless, and sometimes with what no signed document may hold."""
    root = etree.Element(draw(NAMES))
    for name in draw(st.lists(st.one_of(HARMLESS, HARMLESS, HARMLESS, IDS), max_size=2, unique=True)):
        root.set(name, draw(st.sampled_from(["", "x", "seal", "#x"])))
    root.text = draw(TEXTS)
    for _ in range(draw(st.integers(0, 3)) if depth else 0):
        kind = draw(st.sampled_from(["element"] * 8 + ["comment", "instruction", "signature"]))
        if kind == "comment":
            root.append(etree.Comment("x"))
        elif kind == "instruction":
            root.append(etree.ProcessingInstruction("x", "y"))
        else:
            root.append(etree.Element(SIGNATURE) if kind == "signature" else draw(trees(depth - 1)))
        root[-1].tail = draw(TEXTS)
    return root


def forbidden(root: etree._Element) -> bool:
    """Whether a document holds what no signed document may hold, asked without the verifier."""
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    names = [etree.QName(name).localname for element in elements for name in element.attrib]
    return (
        len(elements) < sum(1 for _ in root.iter())
        or root.getprevious() is not None
        or root.getnext() is not None
        or any(element.tag == SIGNATURE for element in elements)
        or any(name.lower() == "id" for name in names)
    )


@given(root=trees(), kind=st.sampled_from(KINDS), at=st.sampled_from([None, NOW]))
@example(root=parse(b"<a><!-- x --></a>").root, kind="ec", at=NOW)
@example(root=parse(b"<a/>").root, kind="rsa", at=None)
def test_what_is_signed_is_accepted_and_nothing_else_is_signed(root, kind, at):
    """A document is signed exactly when nothing in it is forbidden, and then its signature is accepted."""
    key = seal(algorithm=kind)
    before = etree.tostring(root)
    if forbidden(root):
        with pytest.raises((AlreadySigned, NotSignable)) as refused:
            sign(root, key, at=at)
        assert refused.value.advice
    else:
        assert verify(parse(sign(root, key, at=at)), [key.certificate], at=NOW)
    assert etree.tostring(root) == before


@pytest.mark.parametrize("around", [b"<?x y?><a/>", b"<!-- x --><a/>", b"<a/><?x y?>", b"<a/><!-- x -->"])
def test_what_stands_around_the_document_is_not_signed_away(around):
    """A comment outside the document element is not silently left out: who signs sees that it is refused."""
    with pytest.raises(NotSignable, match=r"see line 1: .* comments or processing instructions"):
        sign(parse(around).root, seal())


def nested(depth: int) -> etree._Element:
    """So many elements inside each other."""
    root = inner = etree.Element("a")
    for _ in range(depth - 1):
        inner = etree.SubElement(inner, "a")
    return root


def test_nothing_is_signed_that_is_too_complex_to_be_read():
    """The last depth that a partner reads is signed and verifies; the next is refused with the ceiling."""
    key = seal()
    data = sign(nested(DEFAULT_LIMITS.max_depth), key, at=NOW)
    assert verify(parse(data), [key.certificate], at=NOW)
    with pytest.raises(DocumentTooComplex, match="more than 64 elements inside each other"):
        sign(nested(DEFAULT_LIMITS.max_depth + 1), key, at=NOW)
