"""Whose key it is: a key that comes with the message is nobody's."""

import base64

import pytest
from lxml import etree
from support.keys import NOW, certificate_for, private_key, seal
from support.lies import CRYPTO, FORMAT, STRANGER, of, refused
from support.permits import sealed_bytes

from gateway.errors import SignatureRefused
from gateway.signatures.keys import SigningKey
from gateway.signatures.verify import MAX_CANDIDATES, verify
from gateway.xmlio.names import DS, clark
from gateway.xmlio.parse import parse


def test_a_signer_who_is_not_registered_is_refused(key):
    """A certificate that comes in the message is never believed, whatever it calls itself."""
    forger = seal("CH:MA", days=100)
    assert refused(sealed_bytes(key=forger), key) is STRANGER


def test_the_name_of_a_stranger_is_shown_without_control_characters():
    """What a stranger's certificate says is shown to people: it cannot break a line, a log or a receipt."""
    private = private_key("p256")
    forger = SigningKey(private, certificate_for(private, name="CH:MA\x1b[2J\x01\nPASSED"))
    with pytest.raises(SignatureRefused) as error:
        verify(parse(sealed_bytes(key=forger)), [seal().certificate], at=NOW)
    assert error.value.verdict.message.isprintable()
    assert error.value.verdict.signer.isprintable()


def test_a_forger_who_names_the_registered_certificate_is_refused(key, root):
    """Naming a registered certificate in KeyInfo does not help who lacks its key."""
    forger = seal("forger", algorithm="rsa" if "rsa" in key.method else "ec")
    forged = parse(sealed_bytes("CH-FORGED", forger)).root
    of(forged, "X509Certificate").text = of(root, "X509Certificate").text
    assert refused(forged, key) is CRYPTO


def test_an_empty_list_of_trusted_certificates_is_refused(root):
    """With nobody to trust, everything is refused."""
    assert refused(root) is STRANGER


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", "é"])
def test_an_unreadable_certificate_in_keyinfo_is_refused(key, root, text):
    """A hint that leads nowhere is a signer who is not registered."""
    of(root, "X509Certificate").text = text
    assert refused(root, key) is STRANGER


def test_a_certificate_of_an_impossible_version_in_keyinfo_is_refused(key, root):
    """X.509 has versions 1 to 3: a hint of version 6 is a stranger, not an exception of a library."""
    hint = of(root, "X509Certificate")
    der = base64.b64decode(hint.text)
    version_3, version_6 = bytes.fromhex("a003020102"), bytes.fromhex("a003020105")
    assert version_3 in der
    hint.text = base64.b64encode(der.replace(version_3, version_6, 1)).decode()
    assert refused(root, key) is STRANGER


def test_without_keyinfo_the_registered_certificates_are_tried(key, root):
    """KeyInfo is a hint only: without it the right one of several registered certificates is found."""
    of(root, "Signature").remove(of(root, "KeyInfo"))
    kind = "rsa" if "rsa" in key.method else "ec"
    others = [
        seal("CH:MA-2", algorithm=kind),
        seal("CH:MA-3", algorithm="ec"),
        seal("CH:MA-3", algorithm="rsa"),
    ]
    trusted = [other.certificate for other in others] + [key.certificate]
    proven = verify(parse(etree.tostring(root)), trusted, at=NOW)
    assert proven.certificate == key.certificate


def test_without_keyinfo_a_stranger_is_still_refused(key, root):
    """Trying all registered certificates ends in a refusal when none fits."""
    of(root, "Signature").remove(of(root, "KeyInfo"))
    kind = "rsa" if "rsa" in key.method else "ec"
    assert refused(root, seal("another", algorithm=kind)) is CRYPTO


def test_without_keyinfo_a_key_of_the_other_kind_is_not_tried(key, root):
    """When no registered key could have made the signature, nobody is found."""
    of(root, "Signature").remove(of(root, "KeyInfo"))
    kind = "ec" if "rsa" in key.method else "rsa"
    assert refused(root, seal("another", algorithm=kind)) is STRANGER


def test_the_work_for_a_signature_without_keyinfo_is_bounded():
    """No more than MAX_CANDIDATES certificates are tried: a stranger cannot ask for more (promise 6)."""
    key = seal()
    root = parse(sealed_bytes(key=key)).root
    of(root, "Signature").remove(of(root, "KeyInfo"))
    others = [seal(f"other {number}") for number in range(MAX_CANDIDATES)]
    assert refused(root, *others, key) is CRYPTO


def test_a_key_value_in_the_message_is_not_used(key):
    """A bare public key of the forger in KeyInfo changes nothing."""
    forger = seal("forger")
    root = parse(sealed_bytes(key=forger)).root
    info = of(root, "KeyInfo")
    info[:] = []
    value = etree.SubElement(info, clark(DS, "KeyValue"))
    numbers = etree.SubElement(value, clark(DS, "RSAKeyValue"))
    etree.SubElement(numbers, clark(DS, "Modulus")).text = "AQAB"
    etree.SubElement(numbers, clark(DS, "Exponent")).text = "AQAB"
    assert refused(root, key) in (FORMAT, CRYPTO, STRANGER)
