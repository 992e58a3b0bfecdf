"""The check of a statement without a network: what is good, what is not, and what nobody here can say."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from support.key_material import authority, crl, curve_key, leaf, revoked
from support.keys import NOW, certificate_for, private_key, seal
from support.permits import NUMBER, line, sealed_bytes
from support.statements import DAY, barred, forged, in_hand, issuers, listed, made

from gateway.flows.check_statement import check_statement
from gateway.flows.make_statement import make_statement
from gateway.flows.status_lists import Issuers
from gateway.permits import statement
from gateway.permits.model import Period
from gateway.permits.notices import PermitStatus
from gateway.permits.statement import KIND
from gateway.permits.statement_report import Outcome, Question
from gateway.permits.status_list import BARRING
from gateway.signatures.compact import sign_compact
from gateway.signatures.keys import SigningKey
from gateway.signatures.revocation import Revocations
from gateway.signatures.revocation_list import read_lists

PASSED, FAILED, UNSURE = Outcome.PASSED, Outcome.FAILED, Outcome.INDETERMINATE


def checked(text=None, lists=None, *, whom=None, at=NOW, **more):
    """The report about a statement, with a fresh list that bars nothing unless others are given."""
    whom = whom or issuers()
    texts = (listed(),) if lists is None else lists
    return check_statement(text or made().text, whom, in_hand(*texts, whom=whom), at=at, **more)


def test_a_good_statement_is_good():
    """Signature, Party, dates and status: each has its answer, and the limits are told."""
    report = checked()
    assert report.verdict is PASSED
    assert {check.question for check in report.checks} == {
        Question.SIGNATURE,
        Question.ISSUER,
        Question.CERTIFICATE,
        Question.DATES,
        Question.STATUS,
    }
    assert report.statement == made().statement
    assert (report.list_made_at, report.list_counts_until) == (NOW, NOW + DAY)
    assert any(NUMBER in sentence for sentence in report.proven)
    assert any("not used before" in sentence for sentence in report.unproven)
    assert any("no revocation list" in sentence for sentence in report.unproven)


@pytest.mark.parametrize("kind", ["p256", "p384", "rsa3072"])
def test_every_kind_of_seal_makes_statements(kind):
    """ECDSA and RSA."""
    private = private_key(kind)
    key = SigningKey(private, certificate_for(private))
    text = sign_compact(statement.to_claims(made().statement), key, kind=KIND)
    assert checked(text, whom=issuers(key.certificate)).verdict is PASSED


def replacements(character):
    """A few others: a bit away, the other case, and what does not belong there."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    near = alphabet[alphabet.find(character) ^ 1] if character in alphabet else "A"
    far = alphabet[(alphabet.find(character) + 32) % 64]
    return {near, far, character.swapcase(), "A", "_", ".", "=", " ", "\u0430"} - {character}


@pytest.mark.parametrize("algorithm", ["ec", "rsa"])
def test_every_single_changed_character_is_caught(algorithm):
    """Each position of the text, several replacements; and each character left out or written twice."""
    key = seal(algorithm=algorithm)
    whom, text = issuers(key.certificate), made(key).text
    lists = in_hand(listed(), whom=whom)
    assert check_statement(text, whom, lists, at=NOW).verdict is PASSED
    tried = 0
    for place, character in enumerate(text):
        lies = {text[:place] + each + text[place + 1 :] for each in replacements(character)}
        lies |= {text[:place] + text[place + 1 :], text[:place] + character + text[place:]}
        for lie in lies - {text}:
            report = check_statement(lie, whom, lists, at=NOW)
            assert report.verdict is not PASSED, (place, character, lie[place : place + 1])
            assert report.statement is None
            tried += 1
    assert tried > 8 * len(text)


def test_white_space_around_it_does_not_count():
    """A file ends with a line feed."""
    assert checked(f"\n {made().text}\r\n").verdict is PASSED


def test_a_stranger_is_nobody():
    """INDETERMINATE, and nothing of what it says is repeated."""
    report = checked(made(seal("stranger", "CH")).text)
    assert (report.verdict, report.statement) == (UNSURE, None)
    assert report.answer(Question.SIGNATURE) is UNSURE


def test_another_party_may_not_speak_for_the_issuer():
    """France's seal under a statement of Switzerland: the signature holds and nothing is believed."""
    text = sign_compact(statement.to_claims(made().statement), seal("FR:MA", "FR"), kind=KIND)
    report = checked(text)
    assert (report.verdict, report.statement) == (FAILED, None)
    assert report.answer(Question.SIGNATURE) is PASSED
    assert report.answer(Question.ISSUER) is FAILED


def test_claims_that_are_no_statement_are_not_good():
    """A genuine signature over something else."""
    report = checked(forged(b'{"iss":"CH"}'))
    assert (report.verdict, report.answer(Question.CONTENT)) == (FAILED, FAILED)


def test_a_status_list_is_no_statement():
    """One key signs both; the kind tells them apart."""
    assert checked(listed()).verdict is FAILED
    assert checked(lists=(made().text,)).verdict is UNSURE


def with_authority(*lines, **changes):
    """A seal that an authority issued, and the list of that authority."""
    key = SigningKey(curve_key(50), leaf(100))
    lists = read_lists(crl(*lines, **changes).public_bytes(Encoding.DER), "ca.crl", [authority()])
    whom = issuers(key.certificate, revocations=Revocations(tuple(lists)))
    text = sign_compact(statement.to_claims(made().statement), key, kind=KIND)
    return checked(text, whom=whom)


def test_a_certificate_that_is_not_on_the_revocation_list_is_good():
    """And the limit about revocation is not told any more."""
    report = with_authority()
    assert (report.verdict, report.answer(Question.REVOCATION)) == (PASSED, PASSED)
    assert not any("no revocation list" in sentence for sentence in report.unproven)


def test_a_revoked_certificate_is_not_good():
    """Whatever the statement says of when it was made."""
    report = with_authority(revoked(100, NOW - DAY))
    assert (report.verdict, report.answer(Question.REVOCATION)) == (FAILED, FAILED)


def test_a_revocation_list_that_is_too_old_is_no_answer():
    """Beyond the grace."""
    report = with_authority(until=NOW - 2 * DAY, made=NOW - 3 * DAY)
    assert (report.verdict, report.answer(Question.REVOCATION)) == (UNSURE, UNSURE)


def test_a_certificate_outside_its_time_is_no_answer():
    """Its last second counts; a second later nothing proves when it signed."""
    private = private_key("p256")
    ends = NOW.replace(microsecond=0) + timedelta(hours=1)
    key = SigningKey(private, certificate_for(private, ends=ends))
    text = sign_compact(statement.to_claims(made().statement), key, kind=KIND)
    whom = issuers(key.certificate)
    assert checked(text, whom=whom, at=ends).verdict is PASSED
    late = checked(text, whom=whom, at=ends + timedelta(seconds=1))
    assert (late.verdict, late.answer(Question.CERTIFICATE)) == (UNSURE, UNSURE)


def test_dates():
    """The last second of the last day, the first after it, and the first moment."""
    end = NOW + 20 * DAY
    text = made(validity=Period(NOW - DAY, end)).text
    midnight = end.replace(hour=0, minute=0) + DAY

    def at(moment):
        fresh = listed(made_at=moment - timedelta(hours=1))
        return checked(text, (fresh,), at=moment).answer(Question.DATES)

    assert at(midnight - timedelta(seconds=1)) is PASSED
    assert at(midnight) is FAILED
    later = made(validity=Period(NOW + DAY, end)).text
    assert checked(later).answer(Question.DATES) is FAILED


def test_a_statement_from_the_future_is_no_answer():
    """A clock is wrong: five minutes are let pass."""
    text = made(at=NOW + timedelta(minutes=5)).text
    assert checked(text).verdict is PASSED
    text = made(at=NOW + timedelta(minutes=5, seconds=1)).text
    assert checked(text).answer(Question.DATES) is UNSURE


def test_without_a_status_list_nothing_is_good():
    """Fail closed: check with the issuer."""
    report = checked(lists=())
    assert (report.verdict, report.answer(Question.STATUS)) == (UNSURE, UNSURE)


@pytest.mark.parametrize("status", BARRING)
def test_a_barred_permit_is_not_good(status):
    """Every word of the list."""
    report = checked(lists=(barred(status),))
    assert (report.verdict, report.answer(Question.STATUS)) == (FAILED, FAILED)
    assert report.listed is not None
    assert report.as_dict()["status"] == status.value


def test_a_list_that_is_too_old_is_no_answer():
    """Its last second counts; what is final stays proven, what may end does not."""
    at = NOW + DAY
    assert checked(lists=(listed(),), at=at).verdict is PASSED
    at += timedelta(seconds=1)
    assert checked(lists=(listed(),), at=at).verdict is UNSURE
    assert checked(lists=(barred(PermitStatus.STOLEN),), at=at).verdict is FAILED
    assert checked(lists=(barred(PermitStatus.SUSPENDED),), at=at).verdict is UNSURE


def test_a_list_from_the_future_is_no_answer():
    """A clock is wrong."""
    assert checked(lists=(listed(made_at=NOW + DAY),)).verdict is UNSURE


def test_the_newest_list_counts():
    """In whatever order they lie: a suspension that has ended, a theft that came later."""
    old, new = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    ended = (barred(PermitStatus.SUSPENDED, made_at=old), listed(made_at=new))
    stolen = (listed(made_at=old), barred(PermitStatus.STOLEN, made_at=new))
    for lists, verdict in ((ended, PASSED), (stolen, FAILED)):
        assert checked(lists=lists).verdict is verdict
        assert checked(lists=lists[::-1]).verdict is verdict


@pytest.mark.parametrize(
    "lie",
    [
        listed(key=seal("stranger", "CH")),
        listed(key=seal("FR:MA", "FR")),
        listed(issuer="FR", key=seal("FR:MA", "FR")),
        listed()[:-4],
        "rubbish",
    ],
    ids=["stranger", "another Party", "of another Party", "cut", "rubbish"],
)
def test_a_list_by_somebody_else_is_not_used(lie):
    """A stranger can neither clear a permit nor stop the genuine list from being used."""
    assert checked(lists=(lie,)).verdict is UNSURE
    assert checked(lists=(lie, barred(PermitStatus.LOST))).verdict is FAILED
    assert checked(lists=(lie, listed())).verdict is PASSED


def test_a_list_signed_with_a_revoked_certificate_is_not_used():
    """Whoever stole the key cannot clear what was barred."""
    key = SigningKey(curve_key(50), leaf(100))
    lists = read_lists(crl(revoked(100, NOW - DAY)).public_bytes(Encoding.DER), "ca.crl", [authority()])
    whom = issuers(key.certificate, revocations=Revocations(tuple(lists)))
    assert checked(lists=(listed(key=key),), whom=whom).verdict is UNSURE


def test_the_document_at_hand():
    """Byte for byte the one that is stated, or not."""
    key = seal()
    document = sealed_bytes(key=key)
    text = make_statement(document, key, [key.certificate], at=NOW).text
    same = checked(text, document=document)
    assert (same.verdict, same.answer(Question.DOCUMENT)) == (PASSED, PASSED)
    assert len(same.proven) == 2
    other = checked(text, document=document + b"\n")
    assert (other.verdict, other.answer(Question.DOCUMENT)) == (FAILED, FAILED)
    assert len(other.proven) == 1


def test_lines_without_room_are_told():
    """The officer knows that the code does not say everything."""
    report = checked(made(lines=tuple(map(line, "ABCDEFGH"))).text)
    assert any("other 2 lines" in sentence for sentence in report.unproven)


def test_nobody_registered():
    """An empty trust proves nothing and breaks nothing."""
    assert checked(whom=Issuers({})).verdict is UNSURE
