import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from support.keys import KINDS, NOW, seal
from support.permits import permit_bytes, sealed_bytes

from gateway.errors import AlreadySigned, GatewayError
from gateway.signatures.keys import DEVELOPMENT_MARK
from gateway.signatures.policy import DEFAULT_POLICY, ECDSA_SHA256, RSA_SHA256, SIGNATURE
from gateway.signatures.shape import check_shape
from gateway.signatures.sign import sign
from gateway.signatures.verdict import Indication
from gateway.signatures.verify import passed, verify
from gateway.xmlio.canonical import canonical
from gateway.xmlio.names import DS
from gateway.xmlio.parse import parse


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_signed_verifies(kind):
    """A permit sealed with RSA-3072 or P-256 verifies against the certificate of its key."""
    key = seal(algorithm=kind)
    data = sealed_bytes(key=key)
    proven = verify(parse(data), [key.certificate], at=NOW)
    assert proven.original == data
    assert proven.certificate == key.certificate


@pytest.mark.parametrize("kind", KINDS)
def test_the_proven_tree_is_the_document_without_its_signature(kind):
    """What comes out is the canonical form of what went in, and holds no signature."""
    key = seal(algorithm=kind)
    proven = verify(parse(sealed_bytes(key=key)), [key.certificate], at=NOW)
    unsigned = canonical(parse(permit_bytes()).root)
    assert proven.signed_bytes == unsigned
    assert canonical(proven.root) == unsigned
    assert next(proven.root.iter(SIGNATURE), None) is None


@pytest.mark.parametrize("kind", KINDS)
def test_signing_is_deterministic(kind):
    """The same document and key give the same bytes twice, so that signed fixtures can be rebuilt."""
    key = seal(algorithm=kind)
    assert sealed_bytes(key=key) == sealed_bytes(key=key)


@pytest.mark.parametrize(("kind", "method"), [("ec", ECDSA_SHA256), ("rsa", RSA_SHA256)])
def test_a_signature_has_the_one_shape_that_we_accept(kind, method):
    """Last child, one reference, the policy's algorithms, and the certificate in KeyInfo."""
    key = seal(algorithm=kind)
    root = parse(sealed_bytes(key=key)).root
    signature = check_shape(root).signature
    assert root[-1] is signature
    assert signature.find(f".//{{{DS}}}SignatureMethod").get("Algorithm") == method
    carried = base64.b64decode(signature.findtext(f".//{{{DS}}}X509Certificate"))
    assert carried == key.certificate.public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize("kind", KINDS)
def test_the_keys_are_of_the_size_that_is_promised(kind):
    """Development keys are RSA with 3072 bits, or ECDSA on P-256, like those of production."""
    private_key = seal(algorithm=kind).private_key
    if kind == "rsa":
        assert isinstance(private_key, rsa.RSAPrivateKey)
        assert private_key.key_size == DEFAULT_POLICY.min_rsa_bits == 3072
    else:
        assert isinstance(private_key.curve, ec.SECP256R1)


def test_a_signed_document_is_utf8_with_a_declaration():
    """The sealed bytes begin with an XML declaration and keep every character."""
    data = sealed_bytes("CH-Zürich-1")
    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert "CH-Zürich-1".encode() in data


def test_a_second_signature_is_never_added():
    """Signing a signed document raises AlreadySigned and says what to do."""
    with pytest.raises(AlreadySigned) as refused:
        sign(parse(sealed_bytes()).root, seal())
    assert refused.value.advice


def test_a_signature_anywhere_counts_as_signed():
    """A signature deep inside the document is found too."""
    data = b'<a><b><s:Signature xmlns:s="%s"/></b></a>' % DS.encode()
    with pytest.raises(AlreadySigned):
        sign(parse(data).root, seal())


def test_a_document_that_cannot_be_canonicalised_is_not_signed():
    """A relative namespace name is an error with a stable code of its own, never a digest of nothing."""
    with pytest.raises(GatewayError) as refused:
        sign(parse(b'<a xmlns="relative/name"/>').root, seal())
    assert type(refused.value) is not GatewayError, "an inner node of the error tree has no HTTP status"


def test_the_verdict_of_a_proven_document_names_the_signer():
    """PASSED has no sub-indication and says whose certificate it was."""
    proven = verify(parse(sealed_bytes()), [seal().certificate], at=NOW)
    verdict = passed(proven)
    assert (verdict.indication, verdict.sub) == (Indication.PASSED, None)
    assert "CN=CH:MA" in verdict.signer
    assert DEVELOPMENT_MARK in verdict.signer
    assert verdict.signer in verdict.message


def test_a_key_never_shows_itself():
    """The text form of a signing key names its subject and no key material."""
    assert repr(seal()) == f"SigningKey(CN=CH:MA,OU={DEVELOPMENT_MARK},C=CH)"
