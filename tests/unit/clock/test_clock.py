import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from support.keys import NOW

from gateway import clock


def test_now_is_aware_and_in_utc():
    """The present moment says its zone."""
    assert clock.now().tzinfo is UTC


def test_the_monotonic_clock_never_goes_back():
    """Two readings are in order."""
    assert clock.monotonic() <= clock.monotonic()


@given(st.datetimes(datetime(1970, 1, 2), datetime(9999, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_id_is_a_uuid_version_7_that_carries_its_time(moment):
    """Version, variant and the 48 bits of milliseconds are those of RFC 9562."""
    made = uuid.UUID(clock.new_id(moment))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == int(moment.timestamp() * 1000)


def test_ids_sort_by_their_time():
    """An id made a millisecond later is greater, as text too."""
    made = [clock.new_id(NOW + timedelta(milliseconds=n)) for n in range(100)]
    assert made == sorted(made)


def test_ids_of_the_same_moment_differ():
    """Seventy-four random bits keep ids of one millisecond apart."""
    assert len({clock.new_id(NOW) for _ in range(1000)}) == 1000


def test_an_id_without_a_moment_is_of_now():
    """Without an argument the clock is asked."""
    before = int(clock.now().timestamp() * 1000)
    made = uuid.UUID(clock.new_id()).int >> 80
    assert before <= made <= int(clock.now().timestamp() * 1000)
