"""The signer does not choose: algorithms and keys outside the policy."""

from dataclasses import replace

import pytest
from lxml import etree
from support.keys import NOW, certificate_for, private_key
from support.lies import ALONE, ASK_ALWAYS, CRYPTO, FORMAT, POLICY, of, refused
from support.permits import sealed_bytes

from gateway.signatures.keys import SigningKey
from gateway.signatures.verdict import SubIndication
from gateway.signatures.verify import verify
from gateway.xmlio.names import DS, EXC_C14N, clark
from gateway.xmlio.parse import parse

XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


@pytest.mark.parametrize(
    ("element", "algorithm"),
    [
        ("CanonicalizationMethod", INCLUSIVE),
        ("CanonicalizationMethod", EXC_C14N + "WithComments"),
        ("CanonicalizationMethod", XSLT),
        ("SignatureMethod", DS + "rsa-sha1"),
        ("SignatureMethod", DS + "hmac-sha1"),
        ("SignatureMethod", DS + "dsa-sha1"),
        ("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
        ("SignatureMethod", "urn:unknown"),
        ("SignatureMethod", ""),
        ("DigestMethod", DS + "sha1"),
        ("DigestMethod", "http://www.w3.org/2001/04/xmldsig-more#md5"),
        ("DigestMethod", "urn:unknown"),
    ],
)
def test_an_algorithm_outside_the_policy_is_refused(key, root, element, algorithm):
    """The signer does not choose: weak, symmetric and unknown algorithms are refused by name."""
    of(root, element).set("Algorithm", algorithm)
    assert refused(root, key) is POLICY


def test_an_hmac_with_the_public_key_as_secret_is_refused(key, root):
    """Algorithm confusion: a signature value that anyone could compute is refused by its algorithm."""
    of(root, "SignatureMethod").set("Algorithm", DS + "hmac-sha1")
    etree.SubElement(of(root, "SignatureMethod"), clark(DS, "HMACOutputLength")).text = "0"
    assert refused(root, key) is POLICY


def test_the_method_of_the_other_kind_of_key_is_refused(key, root):
    """An RSA signature that calls itself ECDSA, or the other way round, is refused."""
    other = "ecdsa-sha256" if "rsa-sha256" in key.method and "ecdsa" not in key.method else "rsa-sha256"
    of(root, "SignatureMethod").set("Algorithm", f"http://www.w3.org/2001/04/xmldsig-more#{other}")
    assert refused(root, key) in (FORMAT, CRYPTO)


@pytest.mark.parametrize("usage", [False, None])
def test_a_certificate_that_may_not_sign_is_refused(usage):
    """Key usage without digitalSignature is a refusal, also when the operator registered it by mistake."""
    private = private_key("p256")
    key = SigningKey(private, certificate_for(private, digital_signature=usage))
    if usage is None:
        assert verify(parse(sealed_bytes(key=key)), [key.certificate], at=NOW, policy=ALONE)
    else:
        assert refused(sealed_bytes(key=key), key) is SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE


def test_a_short_key_is_refused_unless_the_policy_of_the_partner_accepts_it():
    """RSA with 2048 bits is below our own policy, and accepted from a partner that says so."""
    private = private_key("rsa2048")
    key = SigningKey(private, certificate_for(private))
    data = sealed_bytes(key=key)
    assert refused(data, key) is SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE
    lenient = replace(ASK_ALWAYS, min_rsa_bits=2048)
    assert verify(parse(data), [key.certificate], at=NOW, policy=lenient)
