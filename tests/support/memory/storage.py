"""The port `Storage` in memory, and its transactions: every store on one copy of the state."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from gateway.errors import StorageError
from support.memory.alerts import MemoryAlerts
from support.memory.deliveries import MemoryDeliveries
from support.memory.events import MemoryEvents
from support.memory.figures import MemoryFigures
from support.memory.health import MemoryHealth
from support.memory.holdings import MemoryHoldings
from support.memory.inboxes import MemoryInboxes
from support.memory.log import MemoryLog
from support.memory.log_tree import MemoryLogTree
from support.memory.mailboxes import MemoryMailboxes
from support.memory.messages import MemoryMessages
from support.memory.notices import MemoryNotices
from support.memory.people import MemoryPeople, MemorySessions, MemorySignIns
from support.memory.permit_tokens import MemoryPermitTokens
from support.memory.permits import MemoryPermits
from support.memory.proposals import MemoryProposals
from support.memory.searches import MemorySearches
from support.memory.state import State
from support.memory.submissions import MemorySubmissions
from support.memory.tokens import MemoryTokens


class MemoryTransaction:
    """Fulfils the port `Transaction`."""

    def __init__(self, state: State) -> None:
        """Every store works on the same copy of the state."""
        self.permits = MemoryPermits(state)
        self.holdings = MemoryHoldings(state)
        self.messages = MemoryMessages(state)
        self.deliveries = MemoryDeliveries(state)
        self.health = MemoryHealth(state)
        self.mailboxes = MemoryMailboxes(state)
        self.inboxes = MemoryInboxes(state)
        self.submissions = MemorySubmissions(state)
        self.notices = MemoryNotices(state)
        self.events = MemoryEvents(state)
        self.permit_tokens = MemoryPermitTokens(state)
        self.tokens = MemoryTokens(state)
        self.people = MemoryPeople(state)
        self.sessions = MemorySessions(state)
        self.sign_ins = MemorySignIns(state)
        self.searches = MemorySearches(state)
        self.proposals = MemoryProposals(state)
        self.alerts = MemoryAlerts(state)
        self.log = MemoryLog(state)
        self.log_tree = MemoryLogTree(state)
        self.figures = MemoryFigures(state)


class MemoryStorage:
    """
    Fulfils the port `Storage`.

    `fail_next_writes` counts down: so many transactions fail at the moment of their commit, as on a full
    disk; nothing of them is kept. `commits` counts those that succeeded.
    """

    def __init__(self) -> None:
        """Empty."""
        self.state = State()
        self.fail_next_writes = 0
        self.commits = 0
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[MemoryTransaction]:
        """A transaction that is kept once the block is left without an error."""
        async with self._turn:
            copy = self.state.copy()
            yield MemoryTransaction(copy)
            if self.fail_next_writes:
                self.fail_next_writes -= 1
                raise StorageError("the database failed: a test asked for it")
            self.state = copy
            self.commits += 1

    @asynccontextmanager
    async def read(self) -> AsyncIterator[MemoryTransaction]:
        """A consistent view; what is written through it is lost."""
        yield MemoryTransaction(self.state.copy())

    async def size(self) -> int:
        """There is no disk."""
        return 0

    async def listen(self, woken: Callable[[], None], filled: Callable[[str], None] | None = None) -> None:
        """Nobody else can queue anything."""

    async def close(self) -> None:
        """Nothing to give back."""
