"""Something was changed after signing: the document, a digest, the value."""

import base64

import pytest
from support.keys import seal
from support.lies import CRYPTO, FORMAT, HASH, of, refused
from support.permits import sealed_bytes

from gateway.xmlio.names import V2_MESSAGE, clark
from gateway.xmlio.parse import parse


def test_a_changed_digest_is_refused(key, root):
    """The digest is part of what was signed: changing it breaks the signature value."""
    of(root, "DigestValue").text = base64.b64encode(bytes(32)).decode()
    assert refused(root, key) in (CRYPTO, HASH)


def test_a_changed_signature_value_is_refused(key, root):
    """One flipped bit in the signature value is noticed."""
    value = bytearray(base64.b64decode(of(root, "SignatureValue").text))
    value[10] ^= 1
    of(root, "SignatureValue").text = base64.b64encode(value).decode()
    assert refused(root, key) is CRYPTO


@pytest.mark.parametrize("value", ["not base64!", "", "AAAA", "====", "é"])
@pytest.mark.parametrize("element", ["SignatureValue", "DigestValue"])
def test_garbage_in_place_of_a_value_is_refused(key, root, element, value):
    """What is no base64, or far too short, is a refusal and not a crash."""
    of(root, element).text = value
    assert refused(root, key) in (FORMAT, CRYPTO, HASH)


def test_text_changed_after_signing_is_refused(key):
    """One digit more in a quantity is a HASH_FAILURE that says that the document was changed."""
    data = sealed_bytes(key=key).replace(b">40<", b">400<")
    assert refused(data, key) is HASH


def test_white_space_added_after_signing_is_refused(key):
    """White space between elements is part of what was signed."""
    data = sealed_bytes(key=key).replace(b"</ID>", b"</ID> ", 1)
    data = data if b"</ID> " in data else data.replace(b":ID>\n", b":ID> \n", 1)
    assert refused(data, key) is HASH


def test_text_behind_the_signature_is_refused(key, root):
    """Text after the signature is still inside the document element, and was not signed."""
    of(root, "Signature").tail = "unsigned words"
    assert refused(root, key) in (HASH, FORMAT)


def test_white_space_behind_the_signature_that_was_not_signed_is_refused(key, root):
    """Even a line break after the signature belongs to the document and changes its digest."""
    of(root, "Signature").tail = "\n"
    assert refused(root, key) is HASH


def test_an_attribute_added_after_signing_is_refused(key, root):
    """An attribute more is another document."""
    root.set("status", "approved")
    assert refused(root, key) is HASH


def test_a_renamed_root_is_refused(key, root):
    """The document element itself is covered."""
    root.tag = clark(V2_MESSAGE, "Other")
    assert refused(root, key) is HASH


def test_a_zero_between_the_halves_of_an_ecdsa_value_is_refused():
    """Each half is as long as the curve says; another way to write the same numbers is another signature."""
    root = parse(sealed_bytes()).root
    value = base64.b64decode(of(root, "SignatureValue").text)
    of(root, "SignatureValue").text = base64.b64encode(value[:32] + b"\0" + value[32:]).decode()
    assert refused(root, seal()) is CRYPTO
