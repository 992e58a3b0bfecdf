"""One transaction over all stores."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import cached_property

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.errors import StorageError
from gateway.storage.deliveries import DeliveryTable
from gateway.storage.inboxes import InboxTable
from gateway.storage.log import LogTable
from gateway.storage.messages import MessageTable
from gateway.storage.permits import PermitTable
from gateway.storage.submissions import SubmissionTable
from gateway.storage.tokens import TokenTable


class DatabaseTransaction:
    """Fulfils the port `Transaction`; each store is made when it is first asked for."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works on a connection whose transaction has begun."""
        self._connection = connection

    @cached_property
    def permits(self) -> PermitTable:
        """Sealed permits."""
        return PermitTable(self._connection)

    @cached_property
    def messages(self) -> MessageTable:
        """Envelopes."""
        return MessageTable(self._connection)

    @cached_property
    def deliveries(self) -> DeliveryTable:
        """Messages on their way."""
        return DeliveryTable(self._connection)

    @cached_property
    def inboxes(self) -> InboxTable:
        """Permits that wait."""
        return InboxTable(self._connection)

    @cached_property
    def submissions(self) -> SubmissionTable:
        """What was handed over."""
        return SubmissionTable(self._connection)

    @cached_property
    def tokens(self) -> TokenTable:
        """Bearer tokens."""
        return TokenTable(self._connection)

    @cached_property
    def log(self) -> LogTable:
        """The message log."""
        return LogTable(self._connection)


class Database:
    """Fulfils the port `Storage`."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Nothing is connected yet."""
        self._engine = engine
        # SQLite has one writer: waiting here costs nothing, waiting in its busy handler holds a thread.
        self._turn: AbstractAsyncContextManager[object] = (
            asyncio.Lock() if engine.dialect.name == "sqlite" else nullcontext()
        )

    @asynccontextmanager
    async def write(self) -> AsyncIterator[DatabaseTransaction]:
        """
        A transaction that is on disk once the block is left without an error.

        Raises `StorageError` when the database fails, a full disk included; nothing is written then.
        """
        async with self._turn, _translated(), self._engine.begin() as connection:
            yield DatabaseTransaction(connection)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[DatabaseTransaction]:
        """A consistent view; raises `StorageError` when the database fails."""
        async with _translated(), self._engine.connect() as connection:
            yield DatabaseTransaction(await connection.execution_options(reading=True))

    async def close(self) -> None:
        """Give the connections back."""
        await self._engine.dispose()


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """SQLAlchemy's errors stop at this border, and the driver's own where SQLAlchemy lets them through."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise StorageError(
            f"the database failed: {type(error).__name__}",
            advice="look at the gateway's own log; check the disk and the database",
        ) from error
