"""
Until when an entry must be kept.

CITES Decision 18.125 e) (CoP18) asks for an audit trail that is kept for five years after the expiry of a
permit. What speaks about no permit, or about one that nobody here holds, is kept for five years after the
longest validity that a permit can have: nobody knows which permit it may be needed for.
"""

from datetime import datetime, timedelta

from gateway.messagelog.entry import Entry

YEARS = 5
"""Decision 18.125 e)."""

LONGEST_VALIDITY = timedelta(days=3 * 366)
"""
Certificates of ownership and for travelling exhibitions are valid for up to three years (Res. Conf. 10.20,
Res. Conf. 12.3); every other document for less.
"""


def keep_until(entry: Entry, valid_until: datetime | None) -> datetime:
    """
    The first moment at which an entry need not be kept any more.

    `valid_until` is the end of the permit that the entry is about, None when it is about none, or nobody
    knows. An entry that was written after the permit had ended counts from its own time: it may be what is
    asked for.
    """
    ends = entry.at + LONGEST_VALIDITY if valid_until is None else max(valid_until, entry.at)
    return years_later(ends, YEARS)


def years_later(at: datetime, years: int) -> datetime:
    """The same day and time so many years later; of 29 February the first of March where there is none."""
    try:
        return at.replace(year=at.year + years)
    except ValueError:
        return at.replace(year=at.year + years, month=3, day=1)
