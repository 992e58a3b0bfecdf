"""The signature is closed: no part more or less, no attribute, no id."""

import copy

import pytest
from lxml import etree
from support.keys import NOW, careless, seal
from support.lies import ASK_ALWAYS, FORMAT, of, refused
from support.permits import permit_bytes, sealed_bytes

from gateway.errors import NotSignable
from gateway.signatures.sign import sign
from gateway.signatures.verify import verify
from gateway.xmlio.names import DS, clark
from gateway.xmlio.parse import parse


@pytest.mark.parametrize(
    "element",
    ["SignedInfo", "CanonicalizationMethod", "SignatureMethod", "Reference", "Transforms", "DigestMethod"],
)
@pytest.mark.parametrize("count", [0, 2])
def test_a_part_that_is_missing_or_there_twice_is_refused(key, root, element, count):
    """Every part of the signature that decides something stands exactly once."""
    part = of(root, element)
    if count:
        part.addnext(copy.deepcopy(part))
    else:
        part.getparent().remove(part)
    assert refused(root, key) is FORMAT


def test_a_second_certificate_in_keyinfo_is_refused(key, root):
    """Another verifier would take the other one."""
    hint = of(root, "X509Certificate")
    hint.addnext(copy.deepcopy(hint))
    assert refused(root, key) is FORMAT


@pytest.mark.parametrize("local", ["KeyName", "RetrievalMethod", "KeyValue", "Manifest", "x"])
@pytest.mark.parametrize("parent", ["Signature", "SignedInfo", "KeyInfo", "X509Data", "Reference"])
def test_a_foreign_element_in_the_signature_is_refused(key, root, local, parent):
    """Each element of the signature is named by the policy; there is no room for another."""
    etree.SubElement(of(root, parent), clark(DS, local))
    assert refused(root, key) is FORMAT


@pytest.mark.parametrize("name", ["x", "{urn:x}Algorithm", "{urn:x}URI", "Type"])
@pytest.mark.parametrize("local", ["Signature", "SignedInfo", "Reference", "SignatureMethod", "KeyInfo"])
def test_a_foreign_attribute_in_the_signature_is_refused(key, root, local, name):
    """Look-alike attributes have no place in the signature."""
    of(root, local).set(name, "x")
    assert refused(root, key) is FORMAT


def test_words_that_look_like_an_id_are_words():
    """The quick search for ids counts them in texts too; then each element is asked, and all is well."""
    key = seal()
    data = sealed_bytes('CH id="x" xml:id = 7', key)
    assert verify(parse(data), [key.certificate], at=NOW, policy=ASK_ALWAYS)


@pytest.mark.parametrize("spelling", [b'id="x"', b"ID = 'x'", b'x:Id\n=\n"x"', b'xml:id\t="x"'])
def test_an_id_is_found_however_it_is_written(key, spelling):
    """White space, prefixes and quotes do not hide an attribute from the quick search."""
    data = permit_bytes().replace(
        b"<rsm:CITESEPermit ", b"<rsm:CITESEPermit xmlns:x='urn:x' " + spelling + b" ", 1
    )
    assert spelling in data
    assert refused(careless(parse(data).root, key), key) is FORMAT
    with pytest.raises(NotSignable, match="must not have an attribute"):
        sign(parse(data).root, key)
