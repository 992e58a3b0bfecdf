"""What a search may cost: a time, after which it ends whatever it has found, and no time of anybody else."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway import clock
from gateway.errors import SearchTooSlow

_STEPS = 10_000
"""Steps of SQLite's machine between two looks at the clock: about a millisecond."""

_TUNE = text(
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true)"
)
_LIMIT = text("SELECT set_config('statement_timeout', :milliseconds, true)")


@asynccontextmanager
async def limited(connection: AsyncConnection, seconds: float | None) -> AsyncIterator[None]:
    """
    Let a statement of the block take so long; None: as long as any statement.

    On PostgreSQL each is planned for itself and none compiled, until the transaction ends. On SQLite they run
    beside the event loop, and have the time together. Raises `SearchTooSlow`.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(_TUNE)
        if seconds is not None:
            await connection.execute(_LIMIT, {"milliseconds": str(max(int(seconds * 1000), 1))})
        with _told(seconds):
            yield
    else:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        end = None if seconds is None else clock.monotonic() + seconds
        driver.set_progress_handler(lambda: end is not None and clock.monotonic() > end, _STEPS)
        driver.beside = True
        try:
            with _told(seconds):
                yield
        finally:
            driver.beside = False
            driver.set_progress_handler(None, 0)


@contextmanager
def _told(seconds: float | None) -> Iterator[None]:
    """In words what the database says of a statement that took too long."""
    try:
        yield
    except DBAPIError as error:
        if seconds is None or not _was_stopped(error):
            raise
        raise SearchTooSlow(
            f"the search was stopped after {seconds:g} seconds",
            advice="narrow it: a shorter time, a partner or an authority, another word",
        ) from error


def _was_stopped(error: DBAPIError) -> bool:
    """Whether the statement was ended for its time."""
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT
    return error.orig is not None and isinstance(error.orig.__cause__, asyncpg.QueryCanceledError)
