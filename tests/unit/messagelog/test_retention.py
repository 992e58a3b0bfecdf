"""Five years after the permit has ended."""

from datetime import UTC, datetime, timedelta

import pytest
from support.exchange import log_entry
from support.keys import NOW

from gateway.messagelog.retention import LONGEST_VALIDITY, keep_until

ENDS = datetime(2027, 5, 22, 23, 59, 59, tzinfo=UTC)


def test_it_counts_from_the_end_of_the_permit():
    """Not from the day on which the entry was written."""
    assert keep_until(log_entry(at=NOW), ENDS) == datetime(2032, 5, 22, 23, 59, 59, tzinfo=UTC)


def test_what_was_written_later_counts_from_its_own_time():
    """Somebody asked about an old permit."""
    asked = ENDS + timedelta(days=400)
    assert keep_until(log_entry(at=asked), ENDS) == asked.replace(year=asked.year + 5)


def test_without_a_permit_the_longest_validity_counts():
    """A token was revoked, a partner came: nobody knows for which permit that will matter."""
    until = keep_until(log_entry(at=NOW, number=""), None)
    assert until == (NOW + LONGEST_VALIDITY).replace(year=(NOW + LONGEST_VALIDITY).year + 5)
    assert until > keep_until(log_entry(at=NOW), NOW + timedelta(days=365))


@pytest.mark.parametrize(("ends", "until"), [((2028, 2, 29), (2033, 3, 1)), ((2028, 2, 28), (2033, 2, 28))])
def test_the_day_that_not_every_year_has(ends, until):
    """Never a day too early."""
    assert keep_until(log_entry(at=NOW), datetime(*ends, tzinfo=UTC)) == datetime(*until, tzinfo=UTC)
