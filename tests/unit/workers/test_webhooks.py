"""Events go to webhooks by the same worker, and one that hangs holds up nobody."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from support.exchange import CH_CUSTOMS
from support.webhooks import MemoryPusher, webhook

from gateway.errors import PartnerUnreachable
from gateway.exchange.breaker import BreakerPolicy, BreakerState
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.webhooks import Parcel, Webhook

NUMBERS = [f"CH-2026-{number:06}" for number in range(6)]
HOOK = webhook("customs", authority=CH_CUSTOMS)


@dataclass(slots=True)
class Hanging:
    """Fulfils the port `Pusher`, and never answers."""

    inside: int = 0
    most: int = 0
    never: asyncio.Event = field(default_factory=asyncio.Event)

    async def push(self, webhook: Webhook, parcel: Parcel, at: datetime) -> None:
        """Hold it for ever."""
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await self.never.wait()
        finally:
            self.inside -= 1


async def test_events_and_messages_go_side_by_side(bench):
    """A permit for France and the event for customs here, each by its own way."""
    bench.node.webhooks, bench.pusher = {HOOK.id: HOOK}, MemoryPusher()
    dispatcher = bench.dispatcher()
    bench.node.wake = dispatcher.wake
    async with bench.working(dispatcher):
        await bench.issue(*NUMBERS[:2])
        await bench.until(lambda: bench.settled("fr") == 2 and bench.settled(HOOK.id) == 2)
    assert bench.states(HOOK.id) == [DeliveryState.DELIVERED] * 2
    assert {name for name, _, _ in bench.pusher.parcels} == {"customs"}
    assert len(bench.france.carried) == 2


async def test_a_hanging_receiver_does_not_delay_a_partner(bench):
    """Every message to France settles while the receiver, with a longer queue, takes nothing."""
    bench.node.webhooks, bench.pusher = {HOOK.id: HOOK}, Hanging()
    await bench.issue(*NUMBERS)
    async with bench.working(bench.dispatcher(per_partner=2, claim=3)):
        await bench.until(lambda: bench.settled("fr") == len(NUMBERS))
        await bench.until(lambda: bench.pusher.inside == 2)
        assert bench.settled(HOOK.id) == 0
    assert bench.pusher.most == 2


async def test_a_dead_receiver_is_left_alone(bench):
    """After so many failures its breaker opens, and the rest waits without an attempt."""
    bench.node.webhooks = {HOOK.id: HOOK}
    bench.node.breaker = BreakerPolicy(failures=2)
    bench.pusher = MemoryPusher([PartnerUnreachable("gone")] * 100)
    await bench.issue(*NUMBERS)
    async with bench.working(bench.dispatcher(per_partner=1)):
        await bench.until(lambda: bench.settled("fr") == len(NUMBERS))
        await bench.until(lambda: bench.storage.state.health[HOOK.id].failures == 2)
    health = bench.storage.state.health[HOOK.id]
    assert health.state(bench.clock.now()) is BreakerState.OPEN
    assert bench.states(HOOK.id) == [DeliveryState.QUEUED] * len(NUMBERS)
    assert len(bench.pusher.failures) == 98


async def test_without_a_pusher_it_waits(bench):
    """A worker that cannot push says so in the attempt, and the event is tried again later."""
    bench.node.webhooks = {HOOK.id: HOOK}
    await bench.issue(NUMBERS[0])
    async with bench.working(bench.dispatcher()):
        await bench.until(lambda: bench.settled("fr") == 1)
        await bench.until(
            lambda: any("not among the webhooks" in each.error for each in bench.storage.state.attempts)
        )
    assert bench.states(HOOK.id) == [DeliveryState.QUEUED]
