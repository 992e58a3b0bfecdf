"""The time of the certificate."""

from datetime import timedelta

import pytest
from support.keys import NOW
from support.lies import HASH, refused
from support.permits import sealed_bytes

from gateway.errors import SignatureRefused
from gateway.signatures.verdict import Indication, SubIndication
from gateway.signatures.verify import verify
from gateway.xmlio.parse import parse


def test_an_expired_certificate_is_indeterminate(key):
    """After its end nothing proves that the seal is older: INDETERMINATE, and the words of the standard."""
    with pytest.raises(SignatureRefused) as error:
        verify(parse(sealed_bytes(key=key)), [key.certificate], at=NOW + timedelta(days=365, seconds=1))
    verdict = error.value.verdict
    assert verdict.indication is Indication.INDETERMINATE
    assert verdict.sub is SubIndication.OUT_OF_BOUNDS_NO_POE
    assert "the signature holds, but" in verdict.message


def test_a_certificate_of_the_future_is_indeterminate(key):
    """Before its first second a certificate has sealed nothing: check the clocks."""
    with pytest.raises(SignatureRefused) as error:
        verify(parse(sealed_bytes(key=key)), [key.certificate], at=NOW - timedelta(hours=1))
    verdict = error.value.verdict
    assert verdict.indication is Indication.INDETERMINATE
    assert verdict.sub is SubIndication.NOT_YET_VALID


@pytest.mark.parametrize("off", [timedelta(minutes=-5), timedelta(days=365)])
def test_both_ends_of_the_certificates_time_belong_to_it(key, off):
    """The first and the last second of a certificate are inside its time."""
    assert verify(parse(sealed_bytes(key=key)), [key.certificate], at=NOW + off)


def test_a_forgery_with_an_expired_certificate_is_failed_not_indeterminate(key):
    """Mathematics come before time: a changed document is FAILED whatever the dates say."""
    data = sealed_bytes(key=key).replace(b">40<", b">400<")
    assert refused(data, key, at=NOW + timedelta(days=9999)) is HASH
