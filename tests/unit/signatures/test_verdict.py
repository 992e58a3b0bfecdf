import pytest

from gateway.errors import SignatureRefused
from gateway.permits.findings import Area, Severity
from gateway.signatures.verdict import Indication, SubIndication, Verdict, refuse

FAILED = {"FORMAT_FAILURE", "HASH_FAILURE", "SIG_CRYPTO_FAILURE", "SIG_CONSTRAINTS_FAILURE", "REVOKED"}


@pytest.mark.parametrize("sub", SubIndication)
def test_the_indication_follows_from_the_sub_indication(sub):
    """Broken signatures are FAILED; what only cannot be decided is INDETERMINATE (EN 319 102-1, 5.1.3)."""
    wanted = Indication.FAILED if sub.value in FAILED else Indication.INDETERMINATE
    assert refuse(sub, "why").verdict.indication is wanted


@pytest.mark.parametrize("sub", SubIndication)
def test_a_refusal_is_never_passed(sub):
    """No sub-indication leads to PASSED, and each is an error in a report."""
    verdict = refuse(sub, "why", signer="CN=x").verdict
    assert verdict.indication is not Indication.PASSED
    assert verdict.finding().severity is Severity.ERROR


def test_the_error_carries_the_verdict():
    """SignatureRefused says the verdict's sentence and has its fields for machines."""
    error = refuse(SubIndication.HASH_FAILURE, "it was changed", signer="CN=x")
    assert isinstance(error, SignatureRefused)
    assert str(error) == "it was changed"
    assert error.fields == {"verdict": "FAILED", "sub_indication": "HASH_FAILURE", "signer": "CN=x"}


def test_a_verdict_as_a_finding():
    """The finding has a stable id made of the sub-indication, and points at the signature."""
    finding = refuse(SubIndication.OUT_OF_BOUNDS_NO_POE, "ended").verdict.finding()
    assert finding.rule == "signature.out-of-bounds-no-poe"
    assert (finding.area, finding.path, finding.message) == (Area.SIGNATURE, "ds:Signature", "ended")


def test_passed_is_information():
    """A signature that holds is said for completeness only."""
    verdict = Verdict(Indication.PASSED, "it holds", signer="CN=x")
    assert verdict.rule == "signature.passed"
    assert verdict.finding().severity is Severity.INFO
    assert verdict.as_dict() == {"verdict": "PASSED", "sub_indication": None, "signer": "CN=x"}
