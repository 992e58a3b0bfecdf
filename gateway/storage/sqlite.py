"""
SQLite for an asyncio program: statements run where they are, only waiting is given away.

A statement on SQLite takes some ten microseconds; handing each one to a thread and waiting for its answer
costs ten to a hundred times that, and that is what the usual driver does. What can take long is taking the
writer's lock from another process and bringing a commit to the disk. The lock is waited for in a thread; so
is the disk, unless its latest commits were quicker than handing one over and there is little to write. Why
not aiosqlite: docs/decisions/0002-sqlite-driver.md.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import URL, Connection, event, pool
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only

from gateway import clock

BUSY_SECONDS = 10.0
"""How long to wait for another process that writes (`ecites db upgrade` beside `ecites serve`)."""


QUICK_SECONDS = 0.003
"""A commit that usually takes less is made where it is: handing it to a thread costs about 0.5 ms."""


LARGE_BYTES = 256 * 1024
"""
Characters of one statement's values, or of all in a transaction, that belong to the disk whatever its pace.

The envelope of a usual permit has 20,000. One of 5 MiB takes 15 ms to insert and 30 ms to commit.
"""


@dataclass(slots=True)
class Pace:
    """How fast the disk has been lately."""

    usual: float = 0.0
    """Running mean of the latest commits, in seconds; a new one counts for a quarter."""

    @property
    def quick(self) -> bool:
        """Whether a commit may hold the event loop."""
        return self.usual < QUICK_SECONDS

    def note(self, seconds: float) -> None:
        """One more commit."""
        self.usual += 0.25 * (seconds - self.usual)


_PACE = Pace()
"""One disk, one pace."""


class LoopCursor(sqlite3.Cursor):
    """A cursor that runs its statement where it is."""

    connection: "LoopConnection"

    def execute(self, sql: str, parameters: Any = ()) -> "LoopCursor":
        """Run one statement; one with much to write, or much to look through, in a thread."""
        size = _size_of(parameters)
        self.connection.written += size
        if size < LARGE_BYTES and not self.connection.beside:
            super().execute(sql, parameters)
            await_only(_nothing())
        else:
            await_only(_in_thread(partial(super().execute, sql, parameters)))
        return self

    def executemany(self, sql: str, parameters: Any) -> "LoopCursor":
        """Run one statement for each set of parameters."""
        super().executemany(sql, parameters)
        await_only(_nothing())
        return self

    async def _async_soft_close(self) -> None:
        """SQLAlchemy asks each asyncio cursor to let go; this one holds nothing outside the process."""


def _size_of(parameters: Any) -> int:
    """Bytes and characters in the values of a statement."""
    values = parameters.values() if isinstance(parameters, dict) else parameters
    return sum(len(value) for value in values if isinstance(value, bytes | str))


async def _nothing() -> None:
    """SQLAlchemy asks that an asyncio driver waits at least once; this is the cheapest wait there is."""


class LoopConnection(sqlite3.Connection):
    """A connection that belongs to the event loop and waits in a thread."""

    written: int = 0
    """What the statements of this transaction have brought so far, as `_size_of` counts it."""

    beside: bool = False
    """Whether statements run in a thread for now, because they may take long."""

    def cursor(self, *_: Any) -> LoopCursor:  # type: ignore[override]  # callers choose no factory here
        """A cursor of ours."""
        return super().cursor(LoopCursor)

    def begin_writing(self) -> None:
        """
        Take the writer's lock at once: a lock that is upgraded in the middle of a transaction can fail.

        Raises `sqlite3.OperationalError` when another process holds it for longer than `BUSY_SECONDS`.
        """
        self.written = 0
        plain = super().cursor()
        plain.execute("PRAGMA busy_timeout = 0")
        try:
            plain.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            plain.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
            await_only(_in_thread(lambda: plain.execute("BEGIN IMMEDIATE")))
        else:
            plain.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")

    def commit(self) -> None:
        """Bring the transaction to the disk; one that wrote nothing has nothing to wait for."""
        if not self.in_transaction:
            return
        if self.written >= LARGE_BYTES:
            await_only(_in_thread(super().commit))
        elif _PACE.quick:
            self._timed_commit()
            await_only(_nothing())
        else:
            await_only(_in_thread(self._timed_commit))

    def _timed_commit(self) -> None:
        """Commit, and remember how long the disk took."""
        begin = clock.monotonic()
        super().commit()
        _PACE.note(clock.monotonic() - begin)


async def _in_thread(work: Callable[[], object]) -> None:
    """
    Run something that waits.

    A caller that is cancelled meanwhile learns it only afterwards: the connection must not be used by two
    at once.
    """
    future = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        raise


class LoopSQLiteDialect(SQLiteDialect_pysqlite):
    """The standard library's driver, as SQLAlchemy's asyncio engine takes it."""

    driver = "loop"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, _url: URL) -> type[pool.Pool]:
        """A pool that waits without blocking the loop."""
        return pool.AsyncAdaptedQueuePool

    def create_connect_args(self, url: URL) -> Any:
        """Our connection class; the thread check goes, because a connection is never used by two at once."""
        positional, named = super().create_connect_args(url)
        named.update(
            factory=LoopConnection, check_same_thread=False, isolation_level=None, timeout=BUSY_SECONDS
        )
        return positional, named


def tune(engine: AsyncEngine) -> None:
    """WAL, so that readers and the writer do not wait for each other; FULL, so that a commit is on disk."""

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if connection.get_execution_options().get("reading", False):
            driver.execute("BEGIN")
        else:
            driver.begin_writing()
