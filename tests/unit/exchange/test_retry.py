from datetime import timedelta

import pytest

from gateway.exchange.retry import RetryPolicy


def test_the_usual_schedule():
    """Five seconds, doubled each time, at most an hour, for five days."""
    policy = RetryPolicy()
    pauses = [policy.pause(attempts, 0).total_seconds() for attempts in range(1, 12)]
    assert pauses == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]
    assert policy.deadline == timedelta(days=5)


def test_no_attempt_yet_counts_as_one():
    """A count below one gives the first pause."""
    assert RetryPolicy().pause(0, 0) == RetryPolicy().pause(1, 0)


@pytest.mark.parametrize("factor", [1.0, 100_000.0, 1e300])
def test_no_factor_overflows(factor):
    """However large the factor of the configuration is, the longest pause is the most."""
    assert RetryPolicy(factor=factor).pause(10**6, 0) <= timedelta(seconds=3600)
