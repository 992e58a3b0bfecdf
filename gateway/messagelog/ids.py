"""The time in the ids of entries: by it they are ordered, and by it months of them lie together."""

import re
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

_TIME = re.compile(r"([0-9a-f]{8})-([0-9a-f]{4})-7")


def first_id(at: datetime) -> str:
    """An id that no entry has: those made at `at` or later are greater, all others are less."""
    milliseconds = max((at - EPOCH) // MILLISECOND, 0)
    return f"{milliseconds >> 16:08x}-{milliseconds & 0xFFFF:04x}-0000-0000-000000000000"


def time_of(entry_id: str) -> datetime | None:
    """When a UUIDv7 was made, to the millisecond; None for what is none, and after the year 9999."""
    found = _TIME.match(entry_id)
    if found is None:
        return None
    try:
        return EPOCH + int(found[1] + found[2], 16) * MILLISECOND
    except OverflowError:
        return None


def month_of(at: datetime) -> datetime:
    """The first moment of its month, in UTC."""
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def months_later(month: datetime, count: int) -> datetime:
    """The first moment of the month so many months later."""
    ordinal = month.year * 12 + month.month - 1 + count
    return month.replace(year=ordinal // 12, month=ordinal % 12 + 1)
