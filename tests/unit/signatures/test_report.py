"""The verdict taken apart."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.keys import NOW, seal
from support.permits import permit_bytes, sealed_bytes

from gateway.signatures.report import Basis, Revocation, report_held, report_refused
from gateway.signatures.revocation import RevocationState
from gateway.signatures.sign import sign
from gateway.signatures.verdict import SubIndication, refuse
from gateway.signatures.verify import passed, verify
from gateway.xmlio.parse import parse


def held(now):
    """The report on a good seal, received at NOW and asked about at `now`."""
    data = sign(parse(permit_bytes()).root, seal(), at=NOW)
    proven = verify(parse(data), [seal().certificate], at=NOW)
    return report_held(proven, passed(proven), at=NOW, basis=Basis.RECEIPT, now=now)


def test_a_seal_that_holds_answers_each_question():
    """Intact, known, valid at the time of receipt, not ended, revocation unchecked, the claimed time."""
    said = held(NOW).as_dict()
    assert said["verdict"] == "PASSED"
    assert (said["intact"], said["signer_known"], said["certificate"]) == (True, True, "valid")
    assert (said["time_basis"], said["checked_at"]) == ("receipt", NOW.isoformat())
    assert (said["certificate_ended_since"], said["revocation"]) == (False, "unchecked")
    assert said["claimed_signing_time"] == NOW.isoformat()


def test_that_it_holds_and_that_the_certificate_has_ended_are_two_statements():
    """A permit sealed in time stays PASSED when its certificate ends, and the report says both."""
    report = held(NOW + timedelta(days=4000))
    assert report.as_dict()["verdict"] == "PASSED"
    assert report.ended_since
    assert any("has ended since" in sentence for sentence in report.sentences())
    assert not any("has ended since" in sentence for sentence in held(NOW).sentences())


@pytest.mark.parametrize(
    ("sub", "intact", "known", "certificate"),
    [
        (SubIndication.FORMAT_FAILURE, None, None, None),
        (SubIndication.HASH_FAILURE, False, None, None),
        (SubIndication.SIG_CRYPTO_FAILURE, False, None, None),
        (SubIndication.SIG_CONSTRAINTS_FAILURE, None, None, None),
        (SubIndication.NO_SIGNING_CERTIFICATE_FOUND, None, False, None),
        (SubIndication.NOT_YET_VALID, True, True, "not-yet"),
        (SubIndication.OUT_OF_BOUNDS_NO_POE, True, True, "ended"),
        (SubIndication.REVOKED, True, True, None),
        (SubIndication.TRY_LATER, True, True, None),
    ],
)
def test_a_refusal_says_what_was_found_out_before_it(sub, intact, known, certificate):
    """None stands where the verification stopped before the question: nothing is guessed."""
    report = report_refused(refuse(sub, "why").verdict, at=NOW, basis=Basis.NOW)
    assert (report.intact, report.signer_known, report.certificate) == (intact, known, certificate)
    assert report.as_dict()["verdict"] != "PASSED"
    assert report.sentences()[0] == "why"


@pytest.mark.parametrize("revocation", Revocation)
def test_each_state_of_revocation_has_a_sentence(revocation):
    """Also the ones that nobody has looked into."""
    proven = verify(parse(sealed_bytes()), [seal().certificate], at=NOW)
    state = None if revocation is Revocation.UNCHECKED else RevocationState(revocation.value)
    answered = replace(proven, revocation=state)
    report = report_held(answered, passed(answered), at=NOW, basis=Basis.ASKED, now=NOW)
    assert report.as_dict()["revocation"] == revocation.value
    assert any("revo" in sentence for sentence in report.sentences())
