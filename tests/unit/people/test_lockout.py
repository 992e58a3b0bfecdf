"""How long somebody waits."""

from datetime import timedelta

import pytest
from support.keys import NOW

from gateway.people.lockout import Failures, LockoutSettings, account_subject

SETTINGS = LockoutSettings(failures=3, first_seconds=10, longest_minutes=1)


@pytest.mark.parametrize(
    ("count", "seconds"), [(0, None), (2, None), (3, 10), (4, 20), (5, 40), (6, 60), (100, 60), (10**9, 60)]
)
def test_the_wait_doubles_and_does_not_grow_for_ever(count, seconds):
    """Some are free; the longest wait is the longest."""
    until = Failures(count, NOW).wait_until(3, SETTINGS)
    assert until == (None if seconds is None else NOW + timedelta(seconds=seconds))


def test_a_day_later_nothing_counts():
    """The next failure is the first one again."""
    assert Failures(7, NOW).one_more(NOW + timedelta(hours=24)).count == 8
    assert Failures(7, NOW).one_more(NOW + timedelta(hours=24, seconds=1)).count == 1


def test_a_name_is_one_subject_however_it_is_typed():
    """And does not stand there in clear: some type their password there."""
    assert account_subject(" ADA lo\u0308w") == account_subject("Ada Löw")
    assert account_subject("Ada") != account_subject("Ida")
    assert "zo" not in account_subject("zozozo")
    assert len(account_subject("x" * 1000)) < 80
