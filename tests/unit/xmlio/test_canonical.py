import base64
import hashlib

import pytest

from gateway.errors import NotXML
from gateway.xmlio.canonical import canonical, sha256_base64, sha256_hex
from gateway.xmlio.parse import parse


def test_two_ways_of_writing_the_same_give_the_same_bytes():
    """Order of attributes, quotes, empty tags, and comments make no difference; content does."""
    one = parse(b"<a  c='2' b=\"1\"><!-- x --><d/></a>").root
    other = parse(b'<a b="1" c="2"><d></d></a>').root
    assert canonical(one) == canonical(other) == b'<a b="1" c="2"><d></d></a>'
    assert canonical(parse(b'<a b="1" c="3"><d></d></a>').root) != canonical(one)


def test_canonicalisation_is_exclusive():
    """A namespace that is declared and not used is left out."""
    assert canonical(parse(b'<a xmlns:x="urn:x" xmlns="urn:a"/>').root) == b'<a xmlns="urn:a"></a>'


@pytest.mark.parametrize("data", [b'<a xmlns="relative"/>', b'<a xmlns:x="../x"><x:b/></a>'])
def test_a_relative_namespace_is_refused(data):
    """libxml2 cannot canonicalise it; an error never becomes a digest of nothing (attack 4)."""
    with pytest.raises(NotXML, match="cannot be canonicalised"):
        canonical(parse(data).root)


def test_digests_in_both_forms():
    """Base64 for signatures, hex for people, of the same SHA-256."""
    digest = hashlib.sha256(b"permit").digest()
    assert base64.b64decode(sha256_base64(b"permit")) == digest
    assert sha256_hex(b"permit") == digest.hex()
