"""A dispatcher on storage in memory that tells a test when something has happened."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA, delivery, message
from support.gateways import DirectCourier, SetClock, french, swiss
from support.memory import MemoryStorage, MemoryTransaction
from support.permits import permit_bytes

from gateway.errors import PartnerAnsweredWrongly
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.directory import Directory, Partner
from gateway.exchange.records import DeliveryRecord
from gateway.flows.issue import issue
from gateway.flows.ports import Courier, Node, Pusher, Trail
from gateway.permits.identity import AuthorityId
from gateway.workers import dispatcher as dispatcher_module
from gateway.workers.dispatcher import Dispatcher, DispatcherSettings

PATIENCE = 10.0
DE_MA = AuthorityId.parse("DE:MA")


class Notices:
    """Lets a test wait for a condition that is looked at whenever something has happened."""

    def __init__(self) -> None:
        """Nothing has happened."""
        self._event = asyncio.Event()

    def notice(self) -> None:
        """Something has happened."""
        self._event.set()

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait, at most 10 s."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._event.clear()
                await self._event.wait()


class WatchedStorage(MemoryStorage):
    """Storage in memory that says when it was written to and how often the worker looked ahead."""

    def __init__(self, notices: Notices) -> None:
        """Empty."""
        super().__init__()
        self.notices = notices
        self.looks = 0
        self.accident: Exception | None = None
        """Raised by the next transaction, once."""
        self.gate: asyncio.Event | None = None
        """What is committed is there, and the writer hears of it when this is set."""

    @asynccontextmanager
    async def write(self) -> AsyncIterator[MemoryTransaction]:
        """As in memory; every end is noticed."""
        if self.accident is not None:
            accident, self.accident = self.accident, None
            raise accident
        try:
            async with super().write() as transaction:
                yield transaction
            if self.gate is not None:
                self.notices.notice()
                await self.gate.wait()
        finally:
            self.notices.notice()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[MemoryTransaction]:
        """As in memory; every look is counted."""
        async with super().read() as transaction:
            yield transaction
        self.looks += 1
        self.notices.notice()


@dataclass(slots=True)
class Doorkeeper:
    """Fulfils the port `Courier`: lets one exchange pass for each place that the test gives."""

    notices: Notices
    inside: Counter[str] = field(default_factory=Counter)
    """Exchanges that are going on, by partner."""
    most: Counter[str] = field(default_factory=Counter)
    """As many as there ever were at the same time."""
    carried: list[bytes] = field(default_factory=list)
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    errors: list[Exception] = field(default_factory=list)
    """Raised one by one; after them a final refusal, which settles a delivery."""

    def let_pass(self, count: int) -> None:
        """Let so many exchanges come to their end."""
        for _ in range(count):
            self.places.release()

    async def carry(self, partner: Partner, envelope: bytes) -> bytes:
        """Wait for a place, then fail."""
        self.carried.append(envelope)
        self.inside[partner.id] += 1
        self.most[partner.id] = max(self.most[partner.id], self.inside[partner.id])
        self.notices.notice()
        try:
            await self.places.acquire()
        finally:
            self.inside[partner.id] -= 1
            self.notices.notice()
        if self.errors:
            raise self.errors.pop(0)
        raise PartnerAnsweredWrongly("HTTP 400", status=400, final=True)


@dataclass(slots=True)
class ByPartner:
    """Fulfils the port `Courier` with another one for each partner."""

    couriers: dict[str, Courier]

    async def carry(self, partner: Partner, envelope: bytes) -> bytes:
        """Hand over to the partner's own courier."""
        return await self.couriers[partner.id].carry(partner, envelope)


@dataclass(slots=True)
class Journal:
    """Stands in for the dispatcher's log."""

    notices: Notices
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def error(self, event: str, **fields: Any) -> None:
        """Keep it."""
        self.events.append((event, fields))
        self.notices.notice()

    exception = error

    def info(self, event: str, **fields: Any) -> None:
        """What goes well is not looked at."""

    def named(self, event: str) -> list[dict[str, Any]]:
        """The fields of every event of that name."""
        return [fields for name, fields in self.events if name == event]


@dataclass(slots=True)
class Bench:
    """The gateway of Switzerland with the partners France and Germany, and all that a test turns."""

    node: Node
    storage: WatchedStorage
    clock: SetClock
    notices: Notices
    journal: Journal
    france: DirectCourier
    door: Doorkeeper
    pusher: Pusher | None = None

    def dispatcher(self, courier: Courier | None = None, **settings: Any) -> Dispatcher:
        """A new worker; it looks at the queue by itself once in 1,000 s, unless the test says otherwise."""
        made = DispatcherSettings(**({"poll_seconds": 1000.0} | settings))
        courier = courier or ByPartner({"fr": self.france, "de": self.door})
        return Dispatcher(self.node, courier, made, self.pusher)

    @asynccontextmanager
    async def working(self, dispatcher: Dispatcher) -> AsyncIterator["asyncio.Task[None]"]:
        """Let a worker run for the time of the block; it has looked at the queue before the block begins."""
        looks = self.storage.looks
        task = asyncio.create_task(dispatcher.run())
        task.add_done_callback(lambda _: self.notices.notice())
        try:
            await self.until(
                lambda: (
                    self.storage.looks > looks or dispatcher._running or self.journal.events or task.done()
                )
            )
            yield task
        finally:
            await end(task)
            await end(*dispatcher._running)

    async def issue(self, *numbers: str) -> None:
        """Permits for France, queued as the flow does it."""
        for number in numbers:
            await issue(permit_bytes(number), CH_MA, "", self.node, Trail())

    async def queue_for_germany(
        self, count: int, envelope: bytes = b"<envelope/>", **changes: Any
    ) -> list[DeliveryRecord]:
        """Messages for Germany, which nobody will ever answer with a receipt."""
        records = []
        async with self.storage.write() as transaction:
            for _ in range(count):
                sent = message(
                    message_id=self.clock.new_id(), recipient=DE_MA, partner="de", envelope=envelope
                )
                values = {"recipient": DE_MA, "partner": "de", "message_id": sent.message_id}
                records.append(delivery(id=self.clock.new_id(), **(values | changes)))
                await transaction.messages.add(sent)
            await transaction.deliveries.add(records)
        return records

    def states(self, partner: str) -> list[DeliveryState]:
        """The states of a partner's deliveries, oldest first."""
        found = [each for each in self.storage.state.deliveries.values() if each.partner == partner]
        return [each.state for each in sorted(found, key=lambda each: each.id)]

    def settled(self, partner: str) -> int:
        """How many deliveries to a partner have come to their end."""
        return sum(state.settled for state in self.states(partner))

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait until something has happened."""
        await self.notices.until(condition)


async def end(*tasks: "asyncio.Task[Any]") -> None:
    """Cancel tasks as the end of a process would, and wait until they are gone."""
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    notices, clock = Notices(), SetClock()
    storage = WatchedStorage(notices)
    journal = Journal(notices)
    monkeypatch.setattr(dispatcher_module, "logger", journal)
    directory = Directory(
        frozenset({CH_MA, CH_CUSTOMS}),
        {
            "fr": Partner("fr", "http://fr.invalid/", (FR_MA, FR_CUSTOMS)),
            "de": Partner("de", "http://de.invalid/", (DE_MA,)),
        },
    )
    node = swiss(storage, clock, directory=directory)
    france = DirectCourier(french(MemoryStorage(), clock))
    return Bench(node, storage, clock, notices, journal, france, Doorkeeper(notices))
