"""Sends what is queued."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gateway.errors import GatewayError
from gateway.exchange.breaker import BreakerState, PartnerHealth
from gateway.exchange.delivery import Room
from gateway.exchange.records import DeliveryRecord
from gateway.exchange.webhooks import is_webhook
from gateway.flows.deliver import deliver
from gateway.flows.expire import expire
from gateway.flows.ports import Courier, Node, Pusher
from gateway.flows.push import push
from gateway.workers.heartbeat import Heartbeat

logger = structlog.get_logger(__name__)

EXPIRE_EVERY = timedelta(minutes=1)
"""How often the worker looks for deliveries whose deadline is over; more often while it finds some."""

LONGEST_LEASE = timedelta(hours=1)
"""No setting gives a longer one."""

MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class DispatcherSettings:
    """How much at once, and for how long a worker owns what it took."""

    per_partner: int = 4
    """Messages on their way to one partner at the same time; a slow one holds no more."""
    bytes_per_partner: int = 16 * 1024 * 1024
    """Bytes of all of them together; a single message may always go. So much a slow one holds in memory."""
    claim: int = 50
    """Deliveries taken in one go."""
    lease_seconds: float = 90.0
    """
    So long after its last heartbeat another worker takes over what a dead one had on its way.

    Longer than an exchange with a partner may last, so that even without a heartbeat nothing is sent twice.
    """
    poll_seconds: float = 5.0
    """At the latest after this the queue is looked at, whatever was missed."""
    port: int | None = None
    """Where a process that only works answers /healthz, /readyz and /metrics; nowhere without one."""
    host: str = "127.0.0.1"
    """Of that port."""

    def __post_init__(self) -> None:
        """Refuse settings with which nothing would ever be sent."""
        for key in ("per_partner", "bytes_per_partner", "claim", "lease_seconds", "poll_seconds"):
            if not getattr(self, key) > 0:
                raise ValueError(f"{key} must be more than 0, not {getattr(self, key):g}")
        if self.port is not None and not 0 <= self.port <= MAX_PORT:
            raise ValueError(f"port must be a whole number from 0 to {MAX_PORT}, not {self.port}")
        longest = LONGEST_LEASE.total_seconds()
        if self.lease_seconds > longest:
            raise ValueError(f"lease_seconds must be at most {longest:g}, not {self.lease_seconds:g}")


class Dispatcher:
    """Claims due deliveries and runs one flow for each, bounded per partner."""

    def __init__(
        self, node: Node, courier: Courier, settings: DispatcherSettings, pusher: Pusher | None = None
    ) -> None:
        """
        The worker's name is new at each start, so that the leases of a killed one are not its own.

        Without a `pusher` what is for webhooks waits for a worker that has one.
        """
        self._node = node
        self._courier = courier
        self._pusher = pusher
        self._settings = settings
        self._worker = node.clock.new_id()
        self._heartbeat = Heartbeat(node, self._worker, settings.lease_seconds)
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._taking: asyncio.Task[bool] | None = None
        self._busy: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._held: set[str] = set()
        """Partners whose next message waits until others to them, which have too many bytes, have ended."""
        self._expired_at: datetime | None = None

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled; an error of one round never ends the worker."""
        while True:
            self._wake.clear()
            try:
                # What a claim has taken is also sent when the gateway stops in the middle of it.
                self._taking = asyncio.create_task(self._take())
                pause = 0.0 if await asyncio.shield(self._taking) else await self._until_due()
            except GatewayError as error:
                logger.error("dispatcher_round_failed", code=error.code, error=error.message)
                pause = self._settings.poll_seconds
            except Exception:
                logger.exception("dispatcher_round_failed")
                pause = self._settings.poll_seconds
            if pause:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()

    async def keep_leases(self) -> None:
        """Beside `run`, and until `stop` has ended: extend the leases of what is on its way."""
        await self._heartbeat.run()

    async def stop(self) -> None:
        """Let what is on its way come to its end."""
        if self._taking is not None:
            await asyncio.wait([self._taking], timeout=self._settings.lease_seconds)
        if self._running:
            await asyncio.wait(self._running, timeout=self._settings.lease_seconds)

    async def _take(self) -> bool:
        """
        Claim what is due and start it; True when there may be more.

        When less was due than may be claimed in one go, that was all: whatever comes next is told, by whoever
        queues it or by a place that becomes free. A partner that is held has hidden others behind it.
        """
        await self._give_up()
        async with self._node.storage.write() as transaction:
            at = await transaction.deliveries.moment(self._node.clock.now())
            await self._heartbeat.catch_up(transaction, at)
            lease_until = at + timedelta(seconds=self._settings.lease_seconds)
            claimed = await transaction.deliveries.claim(
                at=at,
                lease_until=lease_until,
                worker=self._worker,
                limit=self._settings.claim,
                room=self._room(await transaction.health.all(), at),
            )
        for delivery in claimed:
            self._busy[delivery.partner] += 1
            self._bytes[delivery.partner] += delivery.size
            self._heartbeat.hold(delivery.id, lease_until)
            task = asyncio.create_task(self._one(delivery))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        # Only while something is on its way, whose end will be heard: it may have ended during the claim.
        held = {partner for partner in claimed.held if self._busy[partner]}
        self._held |= held
        return len(claimed) >= self._settings.claim or bool(claimed.held)

    async def _give_up(self) -> None:
        """Now and then, and when the clock was set back: what has waited too long, and leases of no sense."""
        at = self._node.clock.now()
        if self._expired_at is None or not timedelta(0) <= at - self._expired_at < EXPIRE_EVERY:
            self._expired_at = None if await expire(self._node) else at
            await self._cut_leases()

    async def _cut_leases(self) -> None:
        """A lease that ends later than any can was given by a clock that was ahead and has been set back."""
        async with self._node.storage.write() as transaction:
            at = await transaction.deliveries.moment(self._node.clock.now())
            cut = await transaction.deliveries.cut_leases(
                ending_after=at + LONGEST_LEASE,
                lease_until=at + timedelta(seconds=self._settings.lease_seconds),
            )
        if cut:
            logger.warning("leases_cut", count=cut)

    def _room(self, health: Mapping[str, PartnerHealth], at: datetime) -> Room:
        """What each partner takes at a moment: nothing while its breaker is open, or while it is held."""
        most = self._settings.per_partner
        partners = self._node.directory.partners.values()
        places = {p.id: p.at_once for p in partners if p.at_once}
        for partner, known in health.items():
            state = known.state(at)
            if state is not BreakerState.CLOSED:
                places[partner] = 0 if state is BreakerState.OPEN else 1
        for partner, count in self._busy.items():
            places[partner] = places.get(partner, most) - count
        return Room(
            most,
            places | dict.fromkeys(self._held, 0),
            self._settings.bytes_per_partner,
            {p.id: p.bytes_at_once for p in partners if p.bytes_at_once},
            {partner: self._bytes[partner] for partner, count in self._busy.items() if count},
        )

    async def _until_due(self) -> float:
        """Seconds until the next delivery is due, at most the poll interval, at least a little."""
        async with self._node.storage.read() as transaction:
            at = await transaction.deliveries.moment(self._node.clock.now())
            health = await transaction.health.all()
            due = await transaction.deliveries.next_due(self._room(health, at))
        probes = [known.probe_at for known in health.values() if known.probe_at and known.probe_at > at]
        moments = [*probes, *([due] if due else [])]
        if not moments:
            return self._settings.poll_seconds
        seconds = (min(moments) - at).total_seconds()
        return min(max(seconds, 0.05), self._settings.poll_seconds)

    async def _one(self, delivery: DeliveryRecord) -> None:
        """One attempt, named in each line of the log; whatever happens, the partner's place is given back."""
        structlog.contextvars.bind_contextvars(
            message_id=delivery.message_id, conversation_id=delivery.conversation_id
        )
        try:
            if is_webhook(delivery.partner):
                step = await push(delivery, self._worker, self._node, self._pusher)
            else:
                step = await deliver(delivery, self._worker, self._node, self._courier)
            logger.info("attempted", delivery=delivery.id, partner=delivery.partner, state=step.state.value)
        except GatewayError as error:
            logger.error("delivery_round_failed", delivery=delivery.id, code=error.code, error=error.message)
        except Exception:
            logger.exception("delivery_round_failed", delivery=delivery.id)
        finally:
            self._heartbeat.give_back(delivery.id)
            self._busy[delivery.partner] -= 1
            self._bytes[delivery.partner] -= delivery.size
            self._held.discard(delivery.partner)
            self._wake.set()
