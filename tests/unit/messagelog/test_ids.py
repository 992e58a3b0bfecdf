from datetime import UTC, datetime, timedelta

import pytest
from support.keys import NOW

from gateway.clock import new_id
from gateway.messagelog.ids import first_id, month_of, months_later, time_of


def test_the_first_id_of_a_moment_is_before_all_that_were_made_then():
    """And after all that were made a millisecond earlier."""
    for _ in range(100):
        assert new_id(NOW - timedelta(milliseconds=1)) < first_id(NOW) < new_id(NOW)


def test_the_time_of_an_id_is_when_it_was_made():
    """To the millisecond; what is no UUIDv7 has none."""
    at = NOW.replace(microsecond=123_000)
    assert time_of(new_id(at)) == at
    for odd in ("", "x", "m-1", first_id(NOW), "ffffffff-ffff-7000-8000-000000000000"):
        assert time_of(odd) is None


def test_before_the_epoch_there_is_no_id():
    """The earliest moment has the least id."""
    assert first_id(datetime(1900, 1, 1, tzinfo=UTC)) == first_id(datetime(1970, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("begin", "count", "end"),
    [
        ((2026, 11), 0, (2026, 11)),
        ((2026, 11), 1, (2026, 12)),
        ((2026, 12), 1, (2027, 1)),
        ((2026, 1), 26, (2028, 3)),
    ],
)
def test_months_follow_each_other(begin, count, end):
    """Also over the end of a year."""
    assert months_later(datetime(*begin, 1, tzinfo=UTC), count) == datetime(*end, 1, tzinfo=UTC)


def test_a_month_begins_in_utc():
    """Late in the evening in New York it has begun."""
    local = datetime.fromisoformat("2026-11-30T20:00:00-05:00")
    assert month_of(local) == datetime(2026, 12, 1, tzinfo=UTC)
