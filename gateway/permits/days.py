"""Days and moments as permits write them: in the document's own zone, UTC when it names none."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

_MONTHS_A_YEAR = 12


def aware(moment: datetime) -> datetime:
    """A moment without a zone counts as UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def end_of_day(moment: datetime) -> datetime:
    """Midnight at the end of the day of `moment`, in its own zone; aware (50 CFR 23.54(b))."""
    if moment.date() == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return datetime.combine(moment.date() + timedelta(days=1), time(), aware(moment).tzinfo)


def months_later(day: date, months: int) -> date:
    """The same day some months later, or the last of that month when it has no such day."""
    count = day.month - 1 + months
    year, month = day.year + count // _MONTHS_A_YEAR, count % _MONTHS_A_YEAR + 1
    if year > date.max.year:
        return date.max
    return date(year, month, min(day.day, monthrange(year, month)[1]))
