from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from support.key_material import DAY, authority, crl, leaf, revoked
from support.keys import NOW, seal

from gateway.errors import KeyMaterialError
from gateway.signatures import revocation_list
from gateway.signatures.revocation import (
    Revocations,
    RevocationSettings,
    RevocationState,
    check_revocation,
)
from gateway.signatures.revocation_list import read_lists

PEM, DER = Encoding.PEM, Encoding.DER
POINT = "http://ca.invalid/1.crl"


def lists(*made, issuers=None, grace=timedelta(hours=24)):
    """The lists as the gateway holds them."""
    found = []
    for each in made:
        found += read_lists(each.public_bytes(DER), "ca.crl", issuers or [authority()])
    return Revocations(tuple(found), grace)


def refused(data, issuers=None):
    """The sentence with which a list is refused."""
    with pytest.raises(KeyMaterialError) as error:
        read_lists(data, "ca.crl", issuers or [authority()])
    assert error.value.advice
    return error.value.message


def test_a_certificate_that_is_not_on_the_list_is_good():
    """A fresh list of the issuer that names others only."""
    result = check_revocation(leaf(100), NOW, lists(crl(revoked(101, NOW - DAY))))
    assert (result.state, result.acceptable, result.since) == (RevocationState.GOOD, True, None)
    assert result.next_update == NOW + DAY


def test_a_certificate_on_the_list_is_revoked():
    """With the moment and the reason that the list gives."""
    line = revoked(100, NOW - DAY, x509.ReasonFlags.key_compromise)
    result = check_revocation(leaf(100), NOW, lists(crl(line)))
    assert (result.state, result.acceptable) == (RevocationState.REVOKED, False)
    assert (result.since, result.reason) == (NOW - DAY, "keyCompromise")
    assert "was revoked on 2026-11-22 12:00 UTC (keyCompromise)" in result.message


def test_without_a_list_nothing_is_known():
    """A certificate that stands for itself has no list; that alone is no refusal."""
    for revocations in (Revocations(), lists(crl())):
        result = check_revocation(seal().certificate, NOW, revocations)
        assert (result.state, result.acceptable) == (RevocationState.UNKNOWN, True)


def test_the_moment_that_counts_decides():
    """Taken back after that moment: it was good then; at that very second it was not."""
    revocations = lists(crl(revoked(100, NOW - DAY)))
    before = check_revocation(leaf(100), NOW - DAY - timedelta(seconds=1), revocations, now=NOW)
    assert (before.state, before.acceptable, before.since) == (RevocationState.GOOD, True, NOW - DAY)
    assert check_revocation(leaf(100), NOW - DAY, revocations, now=NOW).state is RevocationState.REVOKED


def test_the_invalidity_date_counts_when_it_is_earlier():
    """A key that was stolen a week before it was reported is worth nothing in that week (RFC 5280, 5.3.2)."""
    line = revoked(100, NOW - DAY, x509.ReasonFlags.key_compromise, invalid=NOW - 7 * DAY)
    result = check_revocation(leaf(100), NOW - 3 * DAY, lists(crl(line)), now=NOW)
    assert (result.state, result.since) == (RevocationState.REVOKED, NOW - 7 * DAY)


@pytest.mark.parametrize(
    ("late", "state", "acceptable"),
    [
        (timedelta(0), RevocationState.GOOD, True),
        (timedelta(seconds=1), RevocationState.TOO_OLD, True),
        (timedelta(hours=24), RevocationState.TOO_OLD, True),
        (timedelta(hours=24, seconds=1), RevocationState.TOO_OLD, False),
    ],
)
def test_a_list_that_is_too_old(late, state, acceptable):
    """Past its next update it counts during the grace, with an alarm, and then no more (promise 5)."""
    revocations = lists(crl())
    now = NOW + DAY + late
    result = check_revocation(leaf(), now, revocations)
    assert (result.state, result.acceptable) == (state, acceptable)
    assert [alarm.acceptable for alarm in revocations.alarms(now)] == ([] if not late else [acceptable])


def test_the_alarm_says_until_when_the_list_counts():
    """Two sentences: what to do before the grace ends, and that it has ended."""
    revocations = lists(crl())
    (alarm,) = revocations.alarms(NOW + DAY + timedelta(hours=1))
    assert "it counts until 2026-11-25 12:00 UTC: get the new one before" in alarm.message
    (alarm,) = revocations.alarms(NOW + 3 * DAY)
    assert "does not count any more" in alarm.message


def test_without_grace_an_old_list_counts_no_second():
    """A grace of nothing is allowed."""
    revocations = lists(crl(), grace=timedelta(0))
    assert not check_revocation(leaf(), NOW + DAY + timedelta(seconds=1), revocations).acceptable


def test_an_old_list_still_says_who_is_revoked():
    """What was taken back stays so, however old the list is."""
    result = check_revocation(leaf(100), NOW + 90 * DAY, lists(crl(revoked(100, NOW - DAY))))
    assert result.state is RevocationState.REVOKED


def test_the_age_of_a_list_is_judged_by_the_present():
    """A permit of last year is asked about with the list of today; a list of last year is too old today."""
    year_ago = NOW - 365 * DAY
    assert check_revocation(leaf(), year_ago, lists(crl()), now=NOW).state is RevocationState.GOOD
    old = lists(crl(made=year_ago, until=year_ago + DAY))
    assert check_revocation(leaf(), year_ago, old, now=NOW).state is RevocationState.TOO_OLD


@pytest.mark.parametrize(("ahead", "good"), [(timedelta(minutes=5), True), (timedelta(minutes=6), False)])
def test_a_list_from_the_future(ahead, good):
    """A fast clock of the issuer is forgiven for five minutes; then a clock is wrong, and nothing passes."""
    result = check_revocation(leaf(), NOW, lists(crl(made=NOW + ahead)))
    assert result.state is (RevocationState.GOOD if good else RevocationState.NOT_YET)
    assert result.acceptable is good


def test_the_newest_list_counts():
    """Of two lists of one issuer, in any order."""
    old, new = crl(made=NOW - 3 * DAY), crl(revoked(100, NOW - DAY), made=NOW - timedelta(hours=1))
    for made in ((old, new), (new, old)):
        assert check_revocation(leaf(100), NOW, lists(*made)).state is RevocationState.REVOKED


def test_a_list_of_a_namesake_says_nothing():
    """Another authority of the same name did not issue the certificate: the key decides, not the name."""
    revocations = lists(crl(ca=2), issuers=[authority(2)])
    assert check_revocation(leaf(ca=1), NOW, revocations).state is RevocationState.UNKNOWN


def test_a_list_for_a_part_of_the_certificates():
    """A list with a distribution point speaks about the certificates that name it (RFC 5280, 5.2.5)."""
    point = x509.IssuingDistributionPoint(
        full_name=[x509.UniformResourceIdentifier(POINT)],
        relative_name=None,
        only_contains_user_certs=True,
        only_contains_ca_certs=False,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )
    revocations = lists(crl(extension=(point, True)))
    assert check_revocation(leaf(points=POINT), NOW, revocations).state is RevocationState.GOOD
    for elsewhere in (leaf(), leaf(points="http://ca.invalid/2.crl")):
        assert check_revocation(elsewhere, NOW, revocations).state is RevocationState.UNKNOWN


@pytest.mark.parametrize(
    "limits",
    [{"only_contains_ca_certs": True}, {"indirect_crl": True}, {"only_contains_attribute_certs": True}],
    ids=str,
)
def test_a_list_about_something_else_is_refused(limits):
    """Lists about authorities, of other issuers, or about attributes do not answer for a seal."""
    rest = dict.fromkeys(
        (
            "only_contains_user_certs",
            "only_contains_ca_certs",
            "indirect_crl",
            "only_contains_attribute_certs",
        ),
        False,
    )
    point = x509.IssuingDistributionPoint(
        full_name=None, relative_name=None, only_some_reasons=None, **(rest | limits)
    )
    made = crl(extension=(point, True))
    assert "not about whole certificates of its own issuer" in refused(made.public_bytes(DER))


def test_a_difference_to_another_list_is_refused():
    """A delta list is marked critical and does not stand alone (RFC 5280, 5.2.4)."""
    made = crl(extension=(x509.DeltaCRLIndicator(1), True))
    assert "critical extension that is not understood here (2.5.29.27)" in refused(made.public_bytes(DER))


def test_a_list_of_a_stranger_is_refused():
    """Signed with another key than that of the registered issuer of its name, or by another name."""
    assert "signed by no registered issuer" in refused(crl(ca=2).public_bytes(DER))
    assert "signed by no registered issuer" in refused(crl(common="Other").public_bytes(DER))


def test_an_issuer_that_may_not_sign_lists_is_none():
    """A key usage without cRLSign forbids it; no key usage does not (RFC 5280, 4.2.1.3)."""
    data = crl().public_bytes(DER)
    assert "signed by no registered issuer" in refused(data, [authority(crl_sign=False)])
    assert read_lists(data, "ca.crl", [authority(crl_sign=None)])


def test_a_list_that_was_changed_is_refused():
    """One flipped bit in the revoked serial number, and the signature does not hold."""
    data = bytearray(crl(revoked(0x5AA55AA5, NOW)).public_bytes(DER))
    data[data.index(bytes.fromhex("5aa55aa5"))] ^= 1
    assert "signed by no registered issuer" in refused(bytes(data))


def test_a_weak_digest_is_refused():
    """SHA-224 and its elders sign no list here."""
    assert "a digest that is not SHA-256" in refused(crl(digest=hashes.SHA224()).public_bytes(DER))


@pytest.mark.parametrize("left", [0, 1, 40, 140])
@pytest.mark.parametrize("form", [PEM, DER], ids=["PEM", "DER"])
def test_a_truncated_list_is_refused(form, left):
    """In both forms, wherever it was cut off."""
    said = refused(crl().public_bytes(form)[:left])
    assert "ca.crl" in said


def test_the_second_list_of_a_file_is_not_lost():
    """Two lists of which the second was cut off are refused, not read as one."""
    both = crl().public_bytes(PEM) + crl(revoked(100, NOW)).public_bytes(PEM)
    assert len(read_lists(both, "ca.crl", [authority()])) == 2
    assert "something else than whole revocation lists" in refused(both[:-40])


@pytest.mark.parametrize("data", [b"hello", pytest.param(None, id="certificate")])
def test_what_is_no_list_is_refused(data):
    """Text, or a certificate in the place of its list."""
    assert "revocation list" in refused(data or authority().public_bytes(PEM))


def test_lists_are_loaded_from_files(tmp_path):
    """PEM and DER, several in one file; issuers from files, or certificates that are known already."""
    (tmp_path / "ca.pem").write_bytes(authority().public_bytes(PEM))
    (tmp_path / "der.crl").write_bytes(crl().public_bytes(DER))
    (tmp_path / "pem.crl").write_bytes(crl().public_bytes(PEM) + crl(revoked(1, NOW)).public_bytes(PEM))
    files = (tmp_path / "der.crl", tmp_path / "pem.crl")
    named = Revocations.load(RevocationSettings(files, (tmp_path / "ca.pem",), grace_hours=2.0))
    assert len(named.lists) == 3
    assert named.grace == timedelta(hours=2)
    assert len(Revocations.load(RevocationSettings(files), [authority()]).lists) == 3
    with pytest.raises(KeyMaterialError, match="signed by no registered issuer"):
        Revocations.load(RevocationSettings(files))


def test_a_file_that_is_missing_or_too_large_is_refused(tmp_path, monkeypatch):
    """Each with its name; a large one is not read whole."""
    with pytest.raises(KeyMaterialError, match=r"nosuch\.crl cannot be read"):
        Revocations.load(RevocationSettings((tmp_path / "nosuch.crl",)))
    monkeypatch.setattr(revocation_list, "MAX_LIST_BYTES", 10)
    (tmp_path / "big.crl").write_bytes(b"x" * 11)
    with pytest.raises(KeyMaterialError, match=r"big\.crl is larger than 10 bytes"):
        Revocations.load(RevocationSettings((tmp_path / "big.crl",)))


@pytest.mark.parametrize("hours", [-1.0, 745.0, float("nan")])
def test_a_grace_that_is_none_is_refused(hours):
    """From nothing to 31 days."""
    with pytest.raises(ValueError, match="grace_hours must be from 0 to 744"):
        RevocationSettings(grace_hours=hours)
