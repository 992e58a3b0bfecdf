"""When a partner counts as away, and when it is tried again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.keys import NOW

from gateway.errors import PartnerAnsweredWrongly, PartnerUnreachable, ReceiptRefused
from gateway.exchange.breaker import (
    BreakerPolicy,
    BreakerState,
    PartnerHealth,
    after_answer,
    after_silence,
    is_silence,
)

POLICY = BreakerPolicy(failures=3, first_pause_seconds=10, longest_pause_seconds=60)
SILENCE = PartnerUnreachable("no route")
FRESH = PartnerHealth("fr")


def after(count, health=FRESH, error=SILENCE, at=NOW):
    """The health after so many failures at one moment."""
    for _ in range(count):
        health = after_silence(health, error, at, POLICY)
    return health


@pytest.mark.parametrize(
    ("error", "silent"),
    [
        (SILENCE, True),
        (ReceiptRefused("rubbish"), True),
        (PartnerAnsweredWrongly("endless"), True),
        (PartnerAnsweredWrongly("x", status=500), True),
        (PartnerAnsweredWrongly("x", status=503), True),
        (PartnerAnsweredWrongly("x", status=429), True),
        (PartnerAnsweredWrongly("x", status=408), True),
        (PartnerAnsweredWrongly("x", status=499), False),
        (PartnerAnsweredWrongly("x", status=400), False),
        (PartnerAnsweredWrongly("x", status=403), False),
    ],
    ids=lambda value: str(value.fields or value.code) if isinstance(value, Exception) else "",
)
def test_a_refusal_of_one_message_is_no_silence(error, silent):
    """A partner that refuses is there; one that fails for everybody, or asks to come later, is not."""
    assert is_silence(error) is silent


def test_it_opens_after_enough_failures_and_not_before():
    """Two of three change nothing for others."""
    assert after(2).state(NOW) is BreakerState.CLOSED
    assert after(3).state(NOW) is BreakerState.OPEN
    assert after(3).probe_at == NOW + timedelta(seconds=10)


def test_its_moment_makes_it_half_open():
    """One message may go, to see."""
    health = after(3)
    assert health.state(NOW + timedelta(seconds=10) - timedelta(microseconds=1)) is BreakerState.OPEN
    assert health.state(NOW + timedelta(seconds=10)) is BreakerState.HALF_OPEN


def test_each_failed_probe_waits_longer_up_to_the_longest():
    """10, 20, 40, 60, 60 seconds."""
    pauses = [(after(n).probe_at - NOW).total_seconds() for n in range(3, 8)]
    assert pauses == [10, 20, 40, 60, 60]


def test_an_answer_closes_it():
    """Whatever was before; the minute of the answer is kept, and the last error too."""
    health = after_answer(after(7), NOW + timedelta(seconds=5))
    assert health.state(NOW) is BreakerState.CLOSED
    assert health.failures == 0
    assert health.answered_at == NOW
    assert health.error == "no route"


def test_a_partner_that_says_when_is_left_in_peace_until_then():
    """Retry-After opens it at the first failure, and for so long; a longer pause of ours stands."""
    busy = PartnerAnsweredWrongly("busy", status=503, retry_after=120.0)
    assert after(1, error=busy).probe_at == NOW + timedelta(seconds=120)
    short = PartnerAnsweredWrongly("busy", status=503, retry_after=1.0)
    assert after(3, error=short).probe_at == NOW + timedelta(seconds=10)


@pytest.mark.parametrize("key", ["failures", "first_pause_seconds", "longest_pause_seconds"])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_settings_that_mean_nothing_are_refused(key, value):
    """The sentence names the setting."""
    with pytest.raises(ValueError, match=f"{key} must be more than 0"):
        BreakerPolicy(**{key: value})


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 10), st.floats(0.1, 100), st.floats(0.1, 1000))
def test_it_is_open_exactly_after_enough_failures_in_a_row(answers, failures, first, longest):
    """Whatever the order of answers and silences: counted from the last answer, never waiting too long."""
    policy = BreakerPolicy(failures, first, longest)
    health, run, at = FRESH, 0, NOW
    for answered in answers:
        at += timedelta(seconds=1)
        health = after_answer(health, at) if answered else after_silence(health, SILENCE, at, policy)
        run = 0 if answered else run + 1
        assert health.failures == run
        assert (health.probe_at is not None) == (run >= failures)
        if run >= failures:
            assert health.state(at) is BreakerState.OPEN
            assert health.probe_at <= at + timedelta(seconds=longest)
