"""
The months of the message log on PostgreSQL: each has a partition, made before it begins.

An entry whose month has none lies in the partition for the rest, so nothing ever fails for want of a month.
"""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.messagelog.ids import first_id, month_of, months_later

AHEAD = 12
"""Months that have their partition before they begin; few gateways run for a year without a start."""

LOCK_MILLISECONDS = 2000
"""How long a new month waits for whoever reads the partition for the rest; who comes after it waits too."""

MONTHS_LOCK = 0x65434955
"""Of PostgreSQL's advisory locks, the one of whoever makes months."""

_ALONE = text("SELECT pg_try_advisory_xact_lock(:lock)")
_EXISTS = text("SELECT to_regclass(:name)")
_STRAYS = text("SELECT EXISTS (SELECT FROM log_entries_p0 WHERE id >= :first AND id < :last)")


async def make_months(connection: AsyncConnection, at: datetime) -> list[str]:
    """
    Make what is missing of the month of `at` and the coming ones; the names of what was made.

    A month of which entries lie in the partition for the rest stays there. Does nothing while another process
    does it.
    """
    if not (await connection.execute(_ALONE, {"lock": MONTHS_LOCK})).scalar():
        return []
    await connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}"))
    return [
        name
        for count in range(AHEAD + 1)
        if (name := await _make(connection, months_later(month_of(at), count)))
    ]


async def _make(connection: AsyncConnection, month: datetime) -> str:
    """One month; its name, empty when it needs none."""
    name = f"log_entries_p{month:%Y_%m}"
    borders = {"first": first_id(month), "last": first_id(months_later(month, 1))}
    if (await connection.execute(_EXISTS, {"name": name})).scalar() is not None:
        return ""
    if (await connection.execute(_STRAYS, borders)).scalar():
        return ""
    # Attached, not made in its place: that would wait for every reader of the log.
    await connection.execute(text(f"CREATE TABLE {name} (LIKE log_entries INCLUDING ALL)"))
    await connection.execute(
        text(
            f"ALTER TABLE log_entries ATTACH PARTITION {name} "
            f"FOR VALUES FROM ('{borders['first']}') TO ('{borders['last']}')"
        )
    )
    return name
