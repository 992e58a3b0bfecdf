"""What stands before every id of a moment, so that ids can be found by their time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import new_id
from gateway.storage.figures import first_id

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is the next argument


@given(MOMENTS)
def test_it_stands_before_ids_of_the_moment_and_after_earlier_ones(at):
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert first_id(at) <= new_id(at)
    assert first_id(at) > new_id(at - timedelta(milliseconds=1))
