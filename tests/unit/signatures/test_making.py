from datetime import timedelta

import pytest
from cryptography import x509
from support.keys import NOW

from gateway.errors import KeyMaterialError
from gateway.signatures.keys import algorithm_of, check_certificate, is_development
from gateway.signatures.making import ALGORITHMS, new_private_key, new_request, self_signed, subject_from

SUBJECT = subject_from("C=CH,O=Example Authority,CN=Seal of CH:MA")
WORDS = {
    "p256": "ECDSA P-256",
    "p384": "ECDSA P-384",
    "p521": "ECDSA P-521",
    "rsa3072": "RSA 3072",
    "rsa4096": "RSA 4096",
}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_kind_of_key_makes_seals(algorithm):
    """Its own certificate passes our check, is backdated by five minutes and is no throw-away one."""
    certificate = self_signed(new_private_key(algorithm), SUBJECT, at=NOW, days=730)
    check_certificate(certificate, "it")
    assert algorithm_of(certificate) == WORDS[algorithm]
    assert certificate.not_valid_before_utc == NOW - timedelta(minutes=5)
    assert certificate.not_valid_after_utc == NOW + timedelta(days=730)
    assert not is_development(certificate)


def test_a_request_asks_for_signatures():
    """It is signed by its key, and asks for no certification authority."""
    request = new_request(new_private_key("p384"), SUBJECT)
    assert request.is_signature_valid
    assert request.subject == SUBJECT
    usage = request.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert not usage.value.key_cert_sign
    assert not request.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_subject_is_written_as_people_write_it():
    """The country first, as in the certificate."""
    assert [part.value for part in SUBJECT] == ["CH", "Example Authority", "Seal of CH:MA"]


@pytest.mark.parametrize("text", ["", "Bern", "C=Switzerland", "=,", "XX=1"])
def test_a_subject_that_is_none_is_refused(text):
    """The sentence repeats it, the advice shows a good one."""
    with pytest.raises(KeyMaterialError, match="is not the subject of a certificate"):
        subject_from(text)


def test_an_unknown_kind_is_refused():
    """With the kinds that there are."""
    with pytest.raises(KeyMaterialError, match="no kind of key 'dsa'") as error:
        new_private_key("dsa")
    assert "p256, p384, p521, rsa3072, rsa4096" in error.value.advice
