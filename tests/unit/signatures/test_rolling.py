from datetime import timedelta

import pytest
from support.keys import NOW, seal

from gateway.signatures.expiry import days_left, expiry_warnings
from gateway.signatures.keyring import ALWAYS, Keyring, OwnKey
from gateway.signatures.rolling import as_if, check_roll

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
WAITING = timedelta(hours=120)


def own(name, begins, at=NOW, days=365):
    """A key of CH:MA; `days` from `at`."""
    key = seal(name, at=at, days=days)
    return OwnKey("CH:MA", name, key.certificate, key, begins)


def rules(present, following, at, *, production=False):
    """The ids of what would be wrong, with whether it stops the switch."""
    report = check_roll(
        Keyring((present, following)), following, at=at, waiting=WAITING, production=production
    )
    return [finding.rule for finding in report.findings], report.accepted


OLD, NEXT = own("old", ALWAYS, NOW - 300 * DAY), own("next", None)
"""The old certificate ends on day 65."""


def test_a_good_roll_has_nothing_to_say():
    """Both certificates overlap, with room on both sides."""
    assert rules(OLD, NEXT, NOW + 30 * DAY) == ([], True)


@pytest.mark.parametrize("at", [NOW - DAY, NOW + 365 * DAY + SECOND])
def test_the_next_certificate_must_be_valid_at_the_switch(at):
    """Before its first second and after its last one the switch would stop all traffic."""
    found, good = rules(OLD, NEXT, at)
    assert "keys.next-not-valid" in found
    assert not good


def test_a_gap_is_refused():
    """A present certificate that ends before the switch leaves a time in which nothing can be signed."""
    assert rules(OLD, NEXT, NOW + 65 * DAY) == (["keys.late"], True)
    assert rules(OLD, NEXT, NOW + 65 * DAY + SECOND) == (["keys.gap"], False)


def test_a_gap_is_seen_when_the_roll_was_scheduled_before():
    """The key that follows does not count as the present one, whatever moment it had."""
    scheduled = own("next", NOW + 70 * DAY)
    assert rules(OLD, scheduled, NOW + 80 * DAY) == (["keys.gap"], False)


def test_messages_that_wait_need_the_old_certificate():
    """They are signed already; the partner refuses them when that certificate ends before they arrive."""
    assert rules(OLD, NEXT, NOW + 65 * DAY - WAITING) == ([], True)
    assert rules(OLD, NEXT, NOW + 65 * DAY - WAITING + SECOND) == (["keys.late"], True)


def test_a_certificate_that_has_just_begun():
    """A partner whose clock is slow by minutes would refuse it."""
    assert rules(OLD, NEXT, NOW - SECOND) == (["keys.next-just-begun"], True)
    assert rules(OLD, NEXT, NOW) == ([], True)


def test_a_certificate_that_ends_soon():
    """A next key that is warned about on its first day is no good one."""
    assert rules(OLD, own("brief", None, days=69), NOW + 10 * DAY) == (["keys.next-short"], True)


def test_a_throw_away_key_is_for_development():
    """Nobody switches to one in production."""
    assert rules(OLD, NEXT, NOW + 30 * DAY, production=True) == (["keys.development"], False)


def test_a_requested_key_cannot_follow():
    """It has no certificate yet."""
    assert rules(OLD, OwnKey("CH:MA", "asked"), NOW) == (["keys.requested"], False)


def test_the_ring_as_it_will_be():
    """The next key signs for its owner at any moment; what others sign with stays as it is."""
    ring = Keyring((OLD, NEXT, OwnKey("gateway", "gw", OLD.certificate, OLD.signing_key, begins=ALWAYS)))
    later = as_if(ring, NEXT)
    assert later.active("CH:MA", NOW) == NEXT.signing_key
    assert later.active("gateway", NOW) == OLD.signing_key
    assert ring.active("CH:MA", NOW) == OLD.signing_key


@pytest.mark.parametrize(
    ("left", "rule", "severity"),
    [
        (60 * DAY + SECOND, None, None),
        (60 * DAY, "keys.expires-in-60", "warning"),
        (30 * DAY + SECOND, "keys.expires-in-60", "warning"),
        (30 * DAY, "keys.expires-in-30", "warning"),
        (7 * DAY, "keys.expires-in-7", "warning"),
        (DAY + SECOND, "keys.expires-in-7", "warning"),
        (DAY, "keys.expires-in-1", "error"),
        (timedelta(0), "keys.expires-in-1", "error"),
        (-SECOND, "keys.expired", "error"),
    ],
    ids=str,
)
def test_warnings_become_more_urgent(left, rule, severity):
    """60, 30, 7 and 1 days before the end, and after it."""
    certificate = seal().certificate
    found = expiry_warnings([("seal.pem", certificate)], certificate.not_valid_after_utc - left)
    assert [(each.rule, each.severity.value) for each in found] == ([(rule, severity)] if rule else [])
    assert all("seal.pem" in each.message for each in found)


def test_days_are_whole():
    """A started day is not counted, and after the end the number is negative."""
    certificate = seal().certificate
    assert days_left(certificate, NOW + SECOND) == 364
    assert days_left(certificate, NOW + 366 * DAY) == -1
