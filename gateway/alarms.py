"""What one gateway watches to call its operator: where it looks, and whom it tells."""

import asyncio
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from gateway.config import Settings
from gateway.exchange import alarm_reasons as reasons
from gateway.exchange.alarms import Alarm, AlarmKind
from gateway.flows.ports import Node
from gateway.flows.watch_alarms import Source
from gateway.loading.beliefs import Beliefs
from gateway.loading.database import database_folder
from gateway.loading.in_use import certificates_in_use
from gateway.signatures.keys import fingerprint
from gateway.telemetry.metrics import Reading, Sample
from gateway.workers.log_check import LogCheck


@dataclass(frozen=True, slots=True)
class Alarms:
    """The sources of one gateway."""

    node: Node
    beliefs: Beliefs
    log_check: LogCheck

    def sources(self) -> list[Source]:
        """Where it is looked."""
        return [
            Source(frozenset({AlarmKind.PARTNER_SILENT}), self.partners),
            Source(frozenset({AlarmKind.DEAD_LETTERS, AlarmKind.NO_RECEIPT}), self.deliveries),
            Source(frozenset({AlarmKind.CERTIFICATE}), self.certificates),
            Source(frozenset({AlarmKind.LOG_BEHIND}), self.log),
            Source(frozenset({AlarmKind.LOG_BROKEN}), self.verified),
            Source(frozenset({AlarmKind.DISK}), self.disks),
        ]

    def install(self) -> None:
        """Let the metrics tell what only this looks at."""
        self.node.metrics.read(
            Reading(
                "ecites_log_verified",
                "1 when the message log held when it was last verified, 0 when not; missing before.",
                ("of",),
                self.log_verified,
            )
        )

    async def partners(self, at: datetime) -> Iterable[Alarm]:
        """Partners and webhooks that do not answer."""
        async with self.node.storage.read() as transaction:
            health = await transaction.health.all()
        known = {*self.node.directory.partners, *self.node.webhooks}
        return reasons.silent_partners(health, known, at, self._settings.alerts)

    async def deliveries(self, _at: datetime) -> Iterable[Alarm]:
        """Dead letters, and messages without a receipt."""
        async with self.node.storage.read() as transaction:
            return reasons.dead_letters(await transaction.deliveries.backlog())

    async def certificates(self, at: datetime) -> Iterable[Alarm]:
        """Certificates that end; a thread reads those of TLS from their files."""
        return await asyncio.to_thread(lambda: list(self._certificates(at)))

    async def log(self, at: datetime) -> Iterable[Alarm]:
        """Entries without a place."""
        async with self.node.storage.read() as transaction:
            waiting = await transaction.log_tree.unplaced()
        return reasons.log_behind(waiting.count, waiting.since, at, self._settings.alerts)

    async def verified(self, _at: datetime) -> Iterable[Alarm] | None:
        """What the last verification found, after the next has begun if it is time; before there was one
        nothing is known.
        """
        self.log_check.begin_when_due()
        breaks = self.log_check.breaks
        return None if breaks is None else reasons.log_broken(breaks)

    async def disks(self, _at: datetime) -> Iterable[Alarm]:
        """Disks of ours."""
        return await asyncio.to_thread(lambda: list(self._disks()))

    async def log_verified(self) -> list[Sample]:
        """As a metric."""
        breaks = self.log_check.breaks
        return [] if breaks is None else [(("all-entries",), float(breaks == 0))]

    def _certificates(self, at: datetime) -> Iterator[Alarm]:
        """One alarm at most for each certificate."""
        for each in certificates_in_use(self.node, self.beliefs.known.tls, self._settings):
            ends = each.certificate.not_valid_after_utc
            name, digits = each.name, fingerprint(each.certificate)
            yield from reasons.ending_certificate(name, digits, ends, at, self._settings.alerts)

    def _disks(self) -> Iterator[Alarm]:
        """The folder of the configuration, and that of a SQLite file."""
        folder = database_folder(self._settings)
        for place, where in (("configuration", self._settings.folder), ("database", folder)):
            if where is not None:
                usage = shutil.disk_usage(where)
                yield from reasons.full_disk(place, usage.free, usage.total, self._settings.alerts)

    @property
    def _settings(self) -> Settings:
        """The configuration as it was last read."""
        return self.beliefs.settings
