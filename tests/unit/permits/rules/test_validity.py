from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from unit.permits.permit_builder import AT, GOOD, valid

from gateway.permits.days import end_of_day, months_later

ISSUED = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
END = datetime(2027, 5, 15, tzinfo=UTC)

CASES = {
    "validity.issue-missing": (GOOD, valid(None, END)),
    "validity.end-missing": (GOOD, valid(ISSUED, None)),
    "validity.issue-in-future": (
        valid(AT + timedelta(days=1), END),
        valid(AT + timedelta(days=1, seconds=1), END),
    ),
    "validity.end-before-issue": (
        valid(ISSUED, ISSUED.replace(hour=0)),
        valid(ISSUED, ISSUED - timedelta(days=1)),
    ),
    "validity.end-before-start": (
        valid(ISSUED, END.replace(hour=0), END.replace(hour=9)),
        valid(ISSUED, END, END + timedelta(days=1)),
    ),
    "validity.export-too-long": (
        valid(ISSUED, datetime(2027, 5, 16, 23, 59, tzinfo=UTC)),
        valid(ISSUED, datetime(2027, 5, 17, tzinfo=UTC)),
    ),
    "validity.import-too-long": (
        valid(ISSUED, datetime(2027, 11, 16, tzinfo=UTC), type_="I"),
        valid(ISSUED, datetime(2027, 11, 17, tzinfo=UTC), type_="I"),
    ),
    "validity.expired": (
        valid(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)),
        valid(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 11, 22, 23, 59, tzinfo=UTC)),
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_passes_and_fails(rule, broken_rules):
    """Each rule about dates lets the first permit pass and stops the second."""
    passes, fails = CASES[rule]
    assert rule not in broken_rules(passes)
    assert rule in broken_rules(fails)


def test_other_certificates_may_be_valid_longer(broken_rules):
    """The limits of export and import permits do not bind documents of type O."""
    assert broken_rules(valid(ISSUED, datetime(2029, 11, 16, tzinfo=UTC), type_="O")) == []


@pytest.mark.parametrize(
    ("end", "last_moment"),
    [
        ("2026-11-30T00:00:00Z", "2026-11-30T23:59:59.999999+00:00"),
        ("2026-11-30T23:59:59+13:00", "2026-11-30T10:59:59.999999+00:00"),
        ("2026-11-30T08:00:00-05:00", "2026-12-01T04:59:59.999999+00:00"),
        ("2026-11-30T00:00:00", "2026-11-30T23:59:59.999999+00:00"),
    ],
)
def test_a_permit_lasts_until_midnight_of_its_own_zone(end, last_moment, broken_rules):
    """The last day ends at midnight in the zone written; without one, in UTC."""
    permit = valid(datetime(2026, 6, 1, tzinfo=UTC), datetime.fromisoformat(end))
    at = datetime.fromisoformat(last_moment)
    assert broken_rules(permit, at) == []
    assert broken_rules(permit, at + timedelta(microseconds=1)) == ["validity.expired"]


def test_dates_with_and_without_zone_can_meet(broken_rules):
    """A document that writes a zone in one date and none in the other is judged, not crashed on."""
    assert broken_rules(valid(datetime(2026, 11, 16), END)) == []  # noqa: DTZ001 - without a zone on purpose
    assert broken_rules(valid(ISSUED, datetime(2027, 5, 15))) == []  # noqa: DTZ001 - as above


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
        (date(9999, 12, 1), 6, date.max),
    ],
)
def test_months_later(day, months, later):
    """Months are counted by the calendar; a day that the month does not have becomes its last."""
    assert months_later(day, months) == later


@pytest.mark.parametrize("zone", [None, UTC, timezone(timedelta(hours=-12)), timezone(timedelta(hours=14))])
@pytest.mark.parametrize("day", [date(9999, 12, 30), date.max])
def test_the_end_of_time_is_no_crash(day, zone):
    """A placeholder date such as 9999-12-31 is far away and breaks nothing."""
    assert end_of_day(datetime.combine(day, datetime.min.time(), tzinfo=zone)) > AT
