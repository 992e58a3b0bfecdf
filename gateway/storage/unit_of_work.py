"""One transaction over all stores."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import datetime
from functools import cached_property

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.storage import doorbell
from gateway.storage.alerts import AlertTable
from gateway.storage.deliveries import DeliveryTable
from gateway.storage.events import EventTable
from gateway.storage.failures import translated
from gateway.storage.figures import FigureTables
from gateway.storage.holdings import HoldingTable
from gateway.storage.inboxes import InboxTable
from gateway.storage.log import LogTable
from gateway.storage.log_tree import LogTreeTable
from gateway.storage.mailboxes import MailboxTable
from gateway.storage.messages import MessageTable
from gateway.storage.months import make_months
from gateway.storage.notices import NoticeTable
from gateway.storage.partners import HealthTable
from gateway.storage.people import PeopleTable
from gateway.storage.permit_tokens import PermitTokenTable
from gateway.storage.permits import PermitTable
from gateway.storage.proposals import ProposalTable
from gateway.storage.searches import SearchTable
from gateway.storage.sessions import SessionTable, SignInTable
from gateway.storage.size import size_of
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
    def holdings(self) -> HoldingTable:
        """The permits that concern some authorities."""
        return HoldingTable(self._connection)

    @cached_property
    def messages(self) -> MessageTable:
        """Envelopes."""
        return MessageTable(self._connection)

    @cached_property
    def deliveries(self) -> DeliveryTable:
        """Messages on their way."""
        return DeliveryTable(self._connection)

    @cached_property
    def mailboxes(self) -> MailboxTable:
        """Messages that their partners collect."""
        return MailboxTable(self._connection)

    @cached_property
    def health(self) -> HealthTable:
        """How partners answer."""
        return HealthTable(self._connection)

    @cached_property
    def inboxes(self) -> InboxTable:
        """Permits that wait."""
        return InboxTable(self._connection)

    @cached_property
    def submissions(self) -> SubmissionTable:
        """What was handed over."""
        return SubmissionTable(self._connection)

    @cached_property
    def notices(self) -> NoticeTable:
        """What became of permits."""
        return NoticeTable(self._connection)

    @cached_property
    def events(self) -> EventTable:
        """What authorities are told."""
        return EventTable(self._connection)

    @cached_property
    def permit_tokens(self) -> PermitTokenTable:
        """What whoever asks about a permit must know."""
        return PermitTokenTable(self._connection)

    @cached_property
    def tokens(self) -> TokenTable:
        """Bearer tokens."""
        return TokenTable(self._connection)

    @cached_property
    def people(self) -> PeopleTable:
        """Who may sign in to the console."""
        return PeopleTable(self._connection)

    @cached_property
    def sessions(self) -> SessionTable:
        """Visits to the console."""
        return SessionTable(self._connection)

    @cached_property
    def sign_ins(self) -> SignInTable:
        """Failures to sign in."""
        return SignInTable(self._connection)

    @cached_property
    def searches(self) -> SearchTable:
        """What people looked for in the message log."""
        return SearchTable(self._connection)

    @cached_property
    def proposals(self) -> ProposalTable:
        """Changes of trust that need two persons."""
        return ProposalTable(self._connection)

    @cached_property
    def alerts(self) -> AlertTable:
        """Alarms that stand."""
        return AlertTable(self._connection)

    @cached_property
    def log(self) -> LogTable:
        """The message log."""
        return LogTable(self._connection)

    @cached_property
    def log_tree(self) -> LogTreeTable:
        """The tree over the message log."""
        return LogTreeTable(self._connection)

    @property
    def logged(self) -> bool:
        """True once an entry was written to the message log."""
        return "log" in self.__dict__ and self.log.appended

    @cached_property
    def figures(self) -> FigureTables:
        """What is counted over the other tables."""
        return FigureTables(self._connection)


class Database:
    """Fulfils the port `Storage`."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Nothing is connected yet."""
        self._engine = engine
        self.on_logged: Callable[[], None] = _nobody
        """Called after each commit that wrote to the message log; must not raise."""
        self._shared = engine.dialect.name != "sqlite"
        # SQLite has one writer: waiting here costs nothing, waiting in its busy handler holds a thread.
        self._turn: AbstractAsyncContextManager[object] = nullcontext() if self._shared else asyncio.Lock()
        # A writer must see what the one before it committed while it waited, so PostgreSQL's default stays.
        self._reading = {"isolation_level": "REPEATABLE READ"} if self._shared else {"reading": True}

    @asynccontextmanager
    async def write(self) -> AsyncIterator[DatabaseTransaction]:
        """
        A transaction that is on disk once the block is left without an error.

        Raises `StorageError` when the database fails, a full disk included; nothing is written then. When the
        connection breaks during the commit itself, nobody knows: the error says so, and a caller that does
        the same again does nothing twice.
        """
        async with self._turn, translated(), self._engine.begin() as connection:
            transaction = DatabaseTransaction(connection)
            yield transaction
        if transaction.logged:
            self.on_logged()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[DatabaseTransaction]:
        """A consistent view; raises `StorageError` when the database fails."""
        async with translated(), self._engine.connect() as connection:
            yield DatabaseTransaction(await connection.execution_options(**self._reading))

    async def size(self) -> int:
        """How many bytes it has on its disk, indexes included; raises `StorageError` when it does not say."""
        async with translated(), self._engine.connect() as connection:
            return await size_of(connection)

    async def listen(self, woken: Callable[[], None], filled: Callable[[str], None] | None = None) -> None:
        """
        Call `woken` whenever another process queued deliveries, until cancelled.

        `filled` is called with the partner whose mailbox another process put something into, and with an
        empty name when it may have been any. A SQLite file belongs to one process, which wakes itself: there
        it returns at once.
        """
        if self._shared:
            await doorbell.listen(self._engine, woken, filled)

    async def make_months(self, at: datetime) -> list[str]:
        """
        Make what is missing of the log's month of `at` and the coming ones; the names of what was made.

        A SQLite file has none. Raises `StorageError`; the log can be written to all the same.
        """
        if not self._shared:
            return []
        async with self._turn, translated(), self._engine.begin() as connection:
            return await make_months(connection, at)

    async def close(self) -> None:
        """Give the connections back."""
        await self._engine.dispose()


def _nobody() -> None:
    """Nobody gives places here."""
