"""What is looked at of deliveries, partners and the disk when somebody asks a gateway for its metrics."""

import asyncio
import shutil
from collections import Counter
from dataclasses import dataclass

from gateway.config import Settings
from gateway.exchange.breaker import BreakerState
from gateway.exchange.claiming import Backlog
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.delivery_query import DEAD_LETTERS
from gateway.flows.ports import Node
from gateway.loading.database import database_folder
from gateway.telemetry.metrics import Reading, Sample

_MOVING = (DeliveryState.QUEUED, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings of one gateway; every partner in a label is one of its configuration, or `other`."""

    node: Node
    settings: Settings

    def install(self) -> None:
        """Let the metrics of the node take them, and name no partner that nobody has registered."""
        self.node.metrics.know(self._known)
        for name, text, labels, take in (
            (
                "ecites_queue_oldest_seconds",
                "Since the oldest delivery that is still to be sent was queued; nought when none is.",
                ("partner",),
                self.oldest,
            ),
            (
                "ecites_dead_letters",
                "Deliveries that were given up and wait for an operator.",
                ("partner", "state"),
                self.dead_letters,
            ),
            (
                "ecites_partner_breaker",
                "1 for the state in which the breaker of a partner or webhook is, 0 for the others.",
                ("partner", "state"),
                self.breakers,
            ),
            (
                "ecites_partner_silent_seconds",
                "Since the last answer of a partner whose breaker is not closed; nought for the others.",
                ("partner",),
                self.silence,
            ),
            ("ecites_database_bytes", "What the database has on its disk.", ("kind",), self.database),
            (
                "ecites_disk_free_bytes",
                "What is free where our files are: the configuration, and a database of one file.",
                ("place",),
                self.disk_free,
            ),
            (
                "ecites_disk_size_bytes",
                "How large the disk is on which they are.",
                ("place",),
                self.disk_size,
            ),
        ):
            self.node.metrics.read(Reading(name, text, labels, take))

    async def oldest(self) -> list[Sample]:
        """How long the oldest delivery of each has waited."""
        at, waited = self.node.clock.now(), dict.fromkeys(self._known(), 0.0)
        for each in await self._backlog():
            if each.state in _MOVING:
                name = self.node.metrics.named(each.partner)
                waited[name] = max(waited.get(name, 0.0), (at - each.oldest).total_seconds())
        return [((name,), seconds) for name, seconds in waited.items()]

    async def dead_letters(self) -> list[Sample]:
        """How many wait for an operator; who has none has nought."""
        counts = Counter({(name, state): 0 for name in self._known() for state in DEAD_LETTERS})
        for each in await self._backlog():
            if each.state in DEAD_LETTERS:
                counts[self.node.metrics.named(each.partner), each.state] += each.count
        return [((name, state.value), float(count)) for (name, state), count in counts.items()]

    async def breakers(self) -> list[Sample]:
        """The state of each; one of whom nothing is known yet is closed."""
        at = self.node.clock.now()
        async with self.node.storage.read() as transaction:
            health = await transaction.health.all()
        states = {
            name: health[name].state(at) if name in health else BreakerState.CLOSED for name in self._known()
        }
        return [
            ((name, state.value), float(state is now))
            for name, now in states.items()
            for state in BreakerState
        ]

    async def silence(self) -> list[Sample]:
        """How long each has been away; one that has never answered, since it was last tried in vain."""
        at = self.node.clock.now()
        async with self.node.storage.read() as transaction:
            health = await transaction.health.all()
        found: list[Sample] = []
        for name in self._known():
            known = health.get(name)
            since = (known.answered_at or known.failed_at) if known and known.probe_at else None
            found.append(((name,), (at - since).total_seconds() if since else 0.0))
        return found

    async def database(self) -> list[Sample]:
        """Its bytes."""
        kind = "postgresql" if database_folder(self.settings) is None else "sqlite"
        return [((kind,), float(await self.node.storage.size()))]

    async def disk_free(self) -> list[Sample]:
        """What is free, by place."""
        disks = await asyncio.to_thread(self._disks)
        return [((place,), float(free)) for place, free, _ in disks]

    async def disk_size(self) -> list[Sample]:
        """How large it is, by place."""
        disks = await asyncio.to_thread(self._disks)
        return [((place,), float(total)) for place, _, total in disks]

    def _disks(self) -> list[tuple[str, int, int]]:
        """Place, what is free there and how large the disk is, of each folder of ours that may get full."""
        places = {"configuration": self.settings.folder, "database": database_folder(self.settings)}
        found = {place: shutil.disk_usage(folder) for place, folder in places.items() if folder}
        return [(place, usage.free, usage.total) for place, usage in found.items()]

    def _known(self) -> dict[str, None]:
        """Partners and webhooks as they are configured now, in their order."""
        return dict.fromkeys((*self.node.directory.partners, *self.node.webhooks))

    async def _backlog(self) -> list[Backlog]:
        """Deliveries that are not over."""
        async with self.node.storage.read() as transaction:
            return await transaction.deliveries.backlog()
