"""Differential tests: the direct path never accepts what signxml or xmlsec refuses."""

import copy
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from lxml import etree
from signxml import XMLVerifier
from support.keys import KINDS, NOW, seal
from support.permits import permit_bytes

from gateway.errors import DocumentError, SignatureRefused
from gateway.signatures.algorithms import (
    ECDSA_SHA256,
    ECDSA_SHA512,
    PSS_SHA256,
    RSA_SHA256,
    RSA_SHA512,
    SHA256,
    SHA512,
)
from gateway.signatures.direct import without_signature
from gateway.signatures.oracle import configuration
from gateway.signatures.policy import DEFAULT_POLICY
from gateway.signatures.sign import sign
from gateway.signatures.verify import verify
from gateway.xmlio.canonical import canonical
from gateway.xmlio.parse import parse

pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")

ALONE = replace(DEFAULT_POLICY, oracle_share=0.0)
DS = "http://www.w3.org/2000/09/xmldsig#"
NAMESPACES = ("", "urn:a", "urn:b", DS, "http://uri.etsi.org/01903/v1.3.2#")
METHODS = {"ec": (ECDSA_SHA256, ECDSA_SHA512), "rsa": (RSA_SHA256, RSA_SHA512, PSS_SHA256)}


@cache
def strangers():
    """xmlsec, imported when a test runs."""
    from support import strangers  # noqa: PLC0415 - it needs xmlsec

    return strangers


@cache
def corpus() -> tuple[tuple[str, bytes], ...]:
    """Kind of key and sealed permit: every kind, several methods, with and without properties."""
    root = parse(permit_bytes()).root
    return tuple(
        (kind, sign(root, seal(algorithm=kind), at=at, method=method, digest_method=digest))
        for kind in KINDS
        for method in METHODS[kind]
        for digest in (SHA256, SHA512)
        for at in (NOW, None)
    )


def agree(data: bytes, kind: str) -> bool:
    """True when we accept; then signxml and xmlsec must accept as well, and over the same bytes."""
    key = seal(algorithm=kind)
    try:
        proven = verify(parse(data), [key.certificate], at=NOW, policy=ALONE)
    except (SignatureRefused, DocumentError):
        return False
    references = len(parse(data).root[-1][0].findall(f"{{{DS}}}Reference"))
    result = XMLVerifier().verify(
        data, x509_cert=key.certificate, expect_config=configuration(key.certificate, references, ALONE)
    )
    first = result[0] if isinstance(result, list) else result
    assert first.signed_data == proven.signed_bytes
    strangers().verify(data, key)
    return True


def test_the_corpus_itself_is_accepted_by_all_three():
    """The starting point of the mutations: nothing below is refused for a reason of its own."""
    assert all(agree(data, kind) for kind, data in corpus())


BITS = (
    b"", b" ", b"\n", b"x", b"=", b"&#13;", b"<!-- -->", b"<?x?>", b"<![CDATA[x]]>", b"xmlns:q='urn:q' ",
    b"A", b"xml:id='a' ", b"Id='seal' ", b"ID='seal' ", b"sha512", b"sha256", b"sha1", b"WithComments", b"#x",
)  # fmt: skip
"""Small things that mean something to a parser or to a verifier."""


@given(which=st.integers(0, 10**6), data=st.data())
def test_mutated_bytes(which, data):
    """Pieces cut out, put in or exchanged where tags and values begin: never accepted by us alone."""
    kind, sealed = corpus()[which % len(corpus())]
    marks = [position for position, byte in enumerate(sealed) if byte in b'<> "=#']
    document = bytearray(sealed)
    for _ in range(data.draw(st.integers(1, 3))):
        begin = data.draw(st.sampled_from(marks)) + data.draw(st.integers(0, 1))
        document[begin : begin + data.draw(st.integers(0, 6))] = data.draw(st.sampled_from(BITS))
    agree(bytes(document), kind)


@given(which=st.integers(0, 10**6), data=st.data())
def test_mutated_elements_and_attributes(which, data):
    """Elements and attributes of the signature removed, doubled, moved, renamed or filled otherwise."""
    kind, sealed = corpus()[which % len(corpus())]
    root = parse(sealed).root
    for _ in range(data.draw(st.integers(1, 2))):
        elements = list(root[-1].iter()) if len(root) else [root]
        element = data.draw(st.sampled_from(elements))
        other = data.draw(st.sampled_from(elements))
        action = data.draw(
            st.sampled_from(["text", "tail", "attribute", "algorithm", "drop", "double", "move"])
        )
        parent = element.getparent()
        if action == "text":
            element.text = data.draw(st.sampled_from(["", " ", "x", "AAAA", (element.text or "") + "\n"]))
        elif action == "tail":
            element.tail = data.draw(st.sampled_from([None, " ", "\n", "x"]))
        elif action == "attribute":
            name = data.draw(st.sampled_from(["Id", "ID", "URI", "Type", "Target", "{urn:x}Algorithm"]))
            element.set(name, data.draw(st.sampled_from(["", "#seal", "seal", "#seal-properties", "urn:x"])))
        elif action == "algorithm" and element.get("Algorithm"):
            element.set("Algorithm", other.get("Algorithm", SHA512))
        elif action == "drop" and parent is not None:
            parent.remove(element)
        elif action == "double" and parent is not None:
            element.addnext(copy.deepcopy(element))
        elif action == "move" and element not in (other, *other.iterancestors()):
            other.append(element)
    agree(etree.tostring(root), kind)


names = st.sampled_from(["a", "b", "Signature", "SignedInfo"])
texts = st.sampled_from([None, "x", " \n", "<s:Signature >", "</ds:Signature>", "\r", "é\u2028", "]]>"])
prefixes = st.dictionaries(
    st.sampled_from([None, "p", "ds", "s", "xades"]),
    st.sampled_from([n for n in NAMESPACES if n]),
    max_size=3,
)


@st.composite
def trees(draw, depth=3):
    """Small trees whose prefixes, names and texts try to look like the signature."""
    namespace = draw(st.sampled_from(NAMESPACES))
    name = draw(names)
    if namespace == DS and name == "Signature":
        name = "a"
    bound = draw(prefixes)
    if not namespace:
        bound.pop(None, None)
    element = etree.Element(f"{{{namespace}}}{name}" if namespace else name, nsmap=bound)
    element.text = draw(texts)
    if draw(st.booleans()):
        element.set(draw(st.sampled_from(["x", "{urn:a}x"])), draw(texts) or "")
    if depth:
        for child in draw(st.lists(trees(depth=depth - 1), max_size=2)):
            child.tail = draw(texts)
            element.append(child)
    return element


LIKE_ITS_SIGNATURE = etree.Element(f"{{{NAMESPACES[-1]}}}Signature", nsmap={"ds": NAMESPACES[-1]})
"""A document element with the prefix and the name of the signature in it."""


@given(kind=st.sampled_from(KINDS), root=trees(), at=st.sampled_from([NOW, None]), tail=texts)
@example(kind="ec", root=LIKE_ITS_SIGNATURE, at=NOW, tail=None)
@example(kind="rsa", root=LIKE_ITS_SIGNATURE, at=None, tail="x")
def test_documents_that_look_like_signatures(kind, root, at, tail):
    """Whatever the document holds, what we sign is accepted by all three, and a tail more by none."""
    root = parse(etree.tostring(root)).root
    # Without a prefix a child of an element with a default namespace comes back in that namespace.
    assume(next(root.iter(f"{{{DS}}}Signature"), None) is None)
    data = sign(root, seal(algorithm=kind), at=at)
    assert agree(data, kind)
    parsed = parse(data).root
    assert without_signature(canonical(parsed), parsed[-1]) == canonical(root)
    if tail:
        parsed[-1].tail = tail
        assert not agree(etree.tostring(parsed), kind)
