"""
The newest entries of the message log that match, found at a cost that does not depend on how many there are.

A database that is told to stop after a page walks back through the entries until it has one, or fetches all
that match and sorts them. It guesses how often the conditions hold, each for itself; when the guess is wrong
(partner and authority of which none ever met, an outcome that was frequent last year) either way may pass
millions of entries. So it is not asked to guess: it gets all that match within a stretch of ids, which it
does well, and the stretches are short where much matches and long where little does.

1. The first stretch has the latest `FIRST` entries; the others go before it, until a page is full.
2. A stretch is so long that, at the rate of the one behind it, it would fill the page twice; after one with
   nothing in it, `GROWTH` times as long.
3. What names one entry, message, request or permit is rare, so its only stretch is the whole log.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.messagelog.ids import first_id, time_of
from gateway.messagelog.query import LogQuery
from gateway.storage.log_conditions import asked, borders
from gateway.storage.tables import log_entries

FIRST = 2000
"""Some milliseconds of work, and a page of 100 of everything that is more frequent than one in twenty."""

GROWTH = 16
"""Five stretches of a usual log lead from an afternoon to ten years."""

_SHORTEST = timedelta(seconds=1)
_BETWEEN = "\n"
"""Stands in no id."""

_id = log_entries.c.id
_Conditions = Sequence[ColumnElement[bool]]


async def newest(connection: AsyncConnection, query: LogQuery) -> list[str]:
    """The ids of the newest entries that match, newest first, up to `query.limit`."""
    within, wanted = borders(query), asked(query, connection.dialect.name)
    if not wanted:
        return await _ids(connection, select(_id).where(*within), query.limit)
    if query.id or query.number or query.message_id or query.correlation_id:  # 3
        return await _matching(connection, [*within, *wanted], query.limit)
    return await _by_stretches(connection, within, wanted, query.limit)


async def _by_stretches(
    connection: AsyncConnection, within: _Conditions, wanted: _Conditions, limit: int
) -> list[str]:
    """Steps 1 and 2."""
    last, floor, oldest = await _latest(connection, within)
    # 1
    found = await _matching(connection, [*within, *wanted, _id >= floor], limit)
    begin, new = time_of(floor), len(found)
    span = max((time_of(last) or begin) - begin, _SHORTEST) if begin else _SHORTEST
    # 2
    while len(found) < limit and floor > oldest:
        missing = limit - len(found)
        span *= min(GROWTH, max(2, 2 * missing // new)) if new else GROWTH
        end, begin = floor, _before(begin, span)
        floor = first_id(begin) if begin else ""
        page = await _matching(connection, [*within, *wanted, _id < end, _id >= floor], missing)
        found, new = found + page, len(page)
    return found


def _before(moment: datetime | None, span: timedelta) -> datetime | None:
    """The beginning of a stretch; None for the beginning of time."""
    try:
        return None if moment is None else moment - span
    except OverflowError:
        return None


async def _latest(connection: AsyncConnection, within: _Conditions) -> tuple[str, str, str]:
    """The newest id, the oldest of the latest `FIRST`, and the oldest of all; empty where there is none."""
    latest = select(_id).where(*within).order_by(_id.desc()).limit(FIRST).subquery("latest")
    oldest = select(_id).where(*within).order_by(_id).limit(1).scalar_subquery()
    asking = select(func.max(latest.c.id), func.min(latest.c.id), oldest)
    row = (await connection.execute(asking)).one()
    return row[0] or "", row[1] or "", row[2] or ""


async def _matching(connection: AsyncConnection, all_of: _Conditions, limit: int) -> list[str]:
    """The newest ids of one stretch, of which the database first gets all that match."""
    found = select(_id).where(*all_of).cte("found").prefix_with("MATERIALIZED", dialect="postgresql")
    return await _ids(connection, select(found.c.id), limit)


async def _ids(connection: AsyncConnection, among: Select[str], limit: int) -> list[str]:
    """The greatest ids, in one value: what is found is all found when the statement has run."""
    column = among.selected_columns.id
    page = among.order_by(column.desc()).limit(limit).subquery("page")
    joined = await connection.scalar(select(func.aggregate_strings(page.c.id, _BETWEEN)))
    return sorted(joined.split(_BETWEEN), reverse=True) if joined else []
