"""Days and moments as permits write them: in the document's own zone, UTC when it names none."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

_MONTHS_A_YEAR = 12
_BEGINNING = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)


def aware(moment: datetime) -> datetime:
    """A moment without a zone counts as UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC; at the very end or beginning of time, the nearest that can be written."""
    try:
        return aware(moment).astimezone(UTC)
    except OverflowError:
        return _END if moment.year > 1 else _BEGINNING


def end_of_day(moment: datetime) -> datetime:
    """Midnight at the end of the day of `moment`, in its own zone; aware (50 CFR 23.54(b))."""
    if moment.date() == date.max:
        return _END
    return datetime.combine(moment.date() + timedelta(days=1), time(), aware(moment).tzinfo)


def months_later(day: date, months: int) -> date:
    """The same day some months later, or the last of that month when it has no such day."""
    count = day.month - 1 + months
    year, month = day.year + count // _MONTHS_A_YEAR, count % _MONTHS_A_YEAR + 1
    if year > date.max.year:
        return date.max
    return date(year, month, min(day.day, monthrange(year, month)[1]))
