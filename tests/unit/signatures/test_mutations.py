"""Whatever is done to a sealed permit: it verifies with the same content or is refused in our words."""

import copy
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from support.keys import KINDS, NOW, seal
from support.permits import permit_bytes, sealed_bytes

from gateway.errors import DocumentError, SignatureRefused
from gateway.signatures.policy import DEFAULT_POLICY
from gateway.signatures.verify import verify
from gateway.xmlio.canonical import canonical
from gateway.xmlio.names import clark, namespace_of
from gateway.xmlio.parse import parse

# cryptography warns of odd serial numbers in a stranger's certificate; in production that raises nothing.
pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")

ASK_ALWAYS = replace(DEFAULT_POLICY, oracle_share=1.0)
SIGNED = {kind: sealed_bytes(key=seal(algorithm=kind)) for kind in KINDS}
CONTENT = canonical(parse(permit_bytes()).root)

TOKENS = (
    b"<", b">", b"&", b"&amp;", b"<!-- -->", b"<?x?>", b"]]>", b"<![CDATA[", b"xmlns:x='x'", b"</", b"/>",
    b"=", b'"', b"\x00", b"\xff", b"\xef\xbb\xbf", b"&#0;", b"&#xD;", b"<!DOCTYPE a>", b"\r\n", b" ", b"0",
)  # fmt: skip
"""Small things that mean something to a parser."""


def check(data: bytes, kind: str) -> None:
    """Verify; let nothing pass but the content that was signed, and let nothing out but our own refusals."""
    try:
        proven = verify(parse(data), [seal(algorithm=kind).certificate], at=NOW, policy=ASK_ALWAYS)
    except SignatureRefused as error:
        if error.verdict.alarm:
            pytest.fail("the direct path accepted what signxml refuses")
        return
    except DocumentError:
        return
    assert proven.signed_bytes == CONTENT
    assert canonical(proven.root) == CONTENT
    assert proven.original == data


kinds = st.sampled_from(KINDS)


@given(kind=kinds, data=st.data())
def test_changed_bytes_never_pass_as_something_else(kind, data):
    """Bytes flipped, put in, cut out or doubled anywhere lead to the signed content or to a refusal."""
    document = bytearray(SIGNED[kind])
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(document)))
        end = min(len(document), start + data.draw(st.integers(0, 40)))
        new = data.draw(
            st.one_of(st.sampled_from(TOKENS), st.binary(max_size=4), st.just(bytes(document[start:end]) * 2))
        )
        document[start:end] = new
    check(bytes(document), kind)


@given(kind=kinds, position=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_one_flipped_bit_never_passes_as_something_else(kind, position, bit):
    """A single bit, the smallest change there is, leads to the signed content or to a refusal."""
    document = bytearray(SIGNED[kind])
    document[position % len(document)] ^= 1 << bit
    check(bytes(document), kind)


names = st.sampled_from(["ID", "Signature", "SignedInfo", "Object", "Transform", "Manifest", "x"])
texts = st.sampled_from(["", "x", "AAAA", "=", "\n", "é", "0" * 5000, "2026-11-23T00:00:00Z"])
uris = st.sampled_from(
    ["", "#x", "urn:x", "http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/10/xml-exc-c14n#"]
)


@given(kind=kinds, data=st.data())
def test_changed_elements_never_pass_as_something_else(kind, data):
    """Elements removed, doubled, moved, renamed or filled otherwise lead to the same content or a refusal."""
    root = parse(SIGNED[kind]).root
    for _ in range(data.draw(st.integers(1, 3))):
        elements = list(root.iter(etree.Element))
        # Half of the time something of the signature: there the decisions are made.
        inside = [e for e in elements if "xmldsig" in str(e.tag)] or elements
        chosen = inside if data.draw(st.booleans()) else elements
        element = chosen[data.draw(st.integers(0, len(chosen) - 1))]
        other = elements[data.draw(st.integers(0, len(elements) - 1))]
        parent = element.getparent()
        action = data.draw(st.sampled_from(["text", "tail", "attribute", "rename", "drop", "double", "move"]))
        if action == "text":
            element.text = data.draw(texts)
        elif action == "tail" and parent is not None:
            element.tail = data.draw(texts)
        elif action == "attribute":
            name = data.draw(st.sampled_from(["Algorithm", "URI", "Id", "x"]))
            element.set(name, data.draw(uris))
        elif action == "rename":
            element.tag = clark(namespace_of(str(element.tag)) or "urn:x", data.draw(names))
        elif action == "drop" and parent is not None:
            parent.remove(element)
        elif action == "double" and parent is not None:
            element.addnext(copy.deepcopy(element))
        elif action == "move" and parent is not None and element not in (other, *other.iterancestors()):
            other.append(element)
    check(etree.tostring(root), kind)
