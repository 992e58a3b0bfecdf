"""When something is an alarm, and who hears of it how often."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.alerts import alert
from support.keys import NOW

from gateway.exchange import alarm_reasons as reasons
from gateway.exchange.alarms import AlarmKind, AlertPolicy, Telling
from gateway.exchange.breaker import PartnerHealth
from gateway.exchange.claiming import Backlog
from gateway.exchange.delivery import DeliveryState

POLICY = AlertPolicy()
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def away(minutes: float, **changes: object) -> PartnerHealth:
    """A partner that answered last so long ago, and whose breaker is open."""
    health = PartnerHealth("fr", 9, NOW + MINUTE, NOW - minutes * MINUTE, NOW, "partner_unreachable", "away")
    return replace(health, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("health", "alarmed"),
    [
        (away(30), True),
        (away(29.9), False),
        (away(300, probe_at=None), False),
        (away(300, partner="gone"), False),
        (away(0, answered_at=None, failed_at=NOW - 31 * MINUTE), True),
        (away(0, answered_at=None, failed_at=None), False),
    ],
    ids=["half an hour", "less", "breaker closed", "not registered", "never answered", "never tried"],
)
def test_a_silent_partner(health, alarmed):
    """So long without an answer, and none now; nobody is called for one that is not registered."""
    found = list(reasons.silent_partners({health.partner: health}, {"fr"}, NOW, POLICY))
    assert bool(found) is alarmed
    if found:
        assert (found[0].key, found[0].partner) == ("partner-silent:fr", "fr")


def test_dead_letters_by_partner_and_state():
    """Two kinds of alarm; what still moves is none; text and amount say how many."""
    states = (DeliveryState.DEAD, DeliveryState.NO_RECEIPT, DeliveryState.QUEUED)
    found = list(reasons.dead_letters(Backlog("fr", state, 3, NOW) for state in states))
    assert [(each.key, each.amount) for each in found] == [("dead-letters:fr", 3), ("no-receipt:fr", 3)]
    assert all("3" in each.text for each in found)


@pytest.mark.parametrize(
    ("left", "word"), [(30 * DAY, ""), (29.9 * DAY, "ends on"), (MINUTE * 0, "ended on"), (-DAY, "ended on")]
)
def test_a_certificate_that_ends(left, word):
    """Within thirty days, and when it has ended; not before."""
    found = list(reasons.ending_certificate("gateway (CH:MA)", "ab" * 32, NOW + left, NOW, POLICY))
    assert [word in each.text for each in found] == ([True] if word else [])


@pytest.mark.parametrize(("free", "alarmed"), [(100, False), (99, True), (0, True)])
def test_a_disk_that_is_nearly_full(free, alarmed):
    """Less than a tenth."""
    assert bool(list(reasons.full_disk("database", free, 1000, POLICY))) is alarmed


@pytest.mark.parametrize(("waited", "alarmed"), [(None, False), (4.9 * MINUTE, False), (5 * MINUTE, True)])
def test_a_log_that_is_behind(waited, alarmed):
    """The oldest entry has waited for five minutes."""
    since = None if waited is None else NOW - waited
    assert bool(list(reasons.log_behind(7, since, NOW, POLICY))) is alarmed


def test_a_log_that_does_not_hold():
    """One place is enough."""
    assert not list(reasons.log_broken(0))
    assert [each.kind for each in reasons.log_broken(1)] == [AlarmKind.LOG_BROKEN]


def heard(minutes: float, *, ended: bool = False, amount: int = 1) -> dict[str, Telling]:
    """What the receiver `mail` has heard so long ago."""
    return {"mail": Telling(ended, NOW - minutes * MINUTE, amount)}


@pytest.mark.parametrize(
    ("kept", "wants"),
    [
        (alert(), True),
        (alert(ended_at=NOW), False),
        (alert(told=heard(1000)), False),
        (alert(ended_at=NOW, told=heard(15)), True),
        (alert(ended_at=NOW, told=heard(14)), False),
        (alert(ended_at=NOW, told=heard(1000, ended=True)), False),
        (alert(told=heard(14, ended=True)), False),
        (alert(told=heard(15, ended=True)), True),
        (alert(amount=2, told=heard(23 * 60)), False),
        (alert(amount=2, told=heard(24 * 60)), True),
        (alert(amount=1, told=heard(24 * 60, amount=2)), False),
        (alert(told={"webhook": Telling(False, NOW)}), True),
    ],
    ids=[
        "new",
        "over before anybody heard",
        "heard",
        "over",
        "over within the pause",
        "heard that it is over",
        "again within the pause",
        "again",
        "more, and a day is not over",
        "more",
        "less",
        "only another one heard",
    ],
)
def test_who_hears_of_it(kept, wants):
    """Once when it begins, once when it ends, never twice within the pause."""
    assert kept.wants_telling("mail", NOW, POLICY) is wants
