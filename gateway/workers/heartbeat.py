"""A living worker lets the leases of what it has on its way end later."""

import asyncio
from datetime import datetime, timedelta

import structlog

from gateway.errors import GatewayError
from gateway.flows.ports import Node, Transaction

logger = structlog.get_logger(__name__)

BEATS = 3
"""Beats in the time of one lease: two may fail before anybody takes over."""


class Heartbeat:
    """Extends leases until they are given back; when its process dies they end by themselves."""

    def __init__(self, node: Node, worker: str, lease_seconds: float) -> None:
        """Nothing is held yet."""
        self._node = node
        self._worker = worker
        self._lease_seconds = lease_seconds
        self._held: set[str] = set()
        self._ends: datetime | None = None
        """When the first lease of what is held ends, as far as it is known here."""

    def hold(self, delivery_id: str, lease_until: datetime) -> None:
        """A delivery is on its way."""
        self._ends = min(self._ends or lease_until, lease_until) if self._held else lease_until
        self._held.add(delivery_id)

    def give_back(self, delivery_id: str) -> None:
        """Its attempt has ended, well or not: from here on its lease is not extended."""
        self._held.discard(delivery_id)

    async def catch_up(self, transaction: Transaction, at: datetime) -> None:
        """
        Before this worker looks for leases that have ended: its own have not, whatever the clock says.

        They seem to have when the clock has jumped or the machine has slept; what is on its way would be
        taken up once more. What another worker has taken over meanwhile stays with that one.
        """
        if self._held and self._ends is not None and at >= self._ends:
            until = at + timedelta(seconds=self._lease_seconds)
            await transaction.deliveries.extend(tuple(self._held), worker=self._worker, lease_until=until)

    async def run(self) -> None:
        """Beat until cancelled; a beat that fails is made up for by the next one."""
        while True:
            await asyncio.sleep(self._lease_seconds / BEATS)
            try:
                await self.beat()
            except GatewayError as error:
                logger.error("heartbeat_failed", code=error.code, error=error.message)
            except Exception:
                logger.exception("heartbeat_failed")

    async def beat(self) -> None:
        """
        Extend what is on its way by one lease from now.

        A delivery that another worker has taken over stays with that one; the attempt goes on, because its
        outcome is true all the same. Raises `StorageError`.
        """
        held = tuple(self._held)
        if not held:
            return
        async with self._node.storage.write() as transaction:
            at = await transaction.deliveries.moment(self._node.clock.now())
            until = at + timedelta(seconds=self._lease_seconds)
            kept = await transaction.deliveries.extend(held, worker=self._worker, lease_until=until)
        self._ends = until
        for lost in self._held.intersection(held) - kept:
            logger.warning("lease_lost", delivery=lost)
