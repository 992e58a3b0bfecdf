"""A new message is of now."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.errors import MessageNotFresh
from gateway.exchange.freshness import FreshnessPolicy

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
POLICY = FreshnessPolicy(ahead_seconds=60, oldest_hours=240)


@pytest.mark.parametrize("seconds", [60, 0, -1, -86_400, -240 * 3600])
def test_what_lies_in_the_window_passes(seconds):
    """Up to the last second on either side."""
    POLICY.require(NOW + timedelta(seconds=seconds), NOW)


@pytest.mark.parametrize(
    ("seconds", "words"), [(61, "here it is"), (600, "here it is"), (-240 * 3600 - 1, "240 hours ago")]
)
def test_what_lies_outside_is_refused(seconds, words):
    """A clock ten minutes ahead, and a message from two weeks ago, are told apart."""
    with pytest.raises(MessageNotFresh, match=words) as caught:
        POLICY.require(NOW + timedelta(seconds=seconds), NOW)
    assert caught.value.advice
    assert abs(seconds) in caught.value.fields.values()


@pytest.mark.parametrize(
    "wrong", [{"ahead_seconds": -1}, {"oldest_hours": 0}, {"oldest_hours": float("nan")}]
)
def test_a_window_in_which_nothing_fits_is_refused(wrong):
    """Such a setting would turn every message away."""
    with pytest.raises(ValueError, match="must be"):
        FreshnessPolicy(**wrong)
