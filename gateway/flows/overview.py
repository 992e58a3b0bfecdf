"""What needs somebody now, and how the last day went."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from gateway.exchange.breaker import PartnerHealth
from gateway.exchange.figures import GivenUp, Queue, Span, Travelled, percentile
from gateway.flows.figures_store import Boundary
from gateway.flows.ports import Node
from gateway.flows.reading import Read, read
from gateway.signatures.expiry import STAGES
from gateway.signatures.in_use import InUse
from gateway.signatures.revocation import RevocationResult

HOURS = 24
MOST = 50_000
"""Rows that one count looks at: a count that reaches it is shown as "or more"."""
MOST_SECONDS = 500
"""Deliveries of an hour of which it is looked up how long they took."""
FRESH_SECONDS = 10.0
"""So long a process shows what it has read; ten people who look cost no more than one."""
CLOSED_SECONDS = 600.0
"""So long what was counted of an hour that is over; the deliveries of its end may still arrive."""

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class HourFigures:
    """One hour of the day before now."""

    span: Span
    travelled: Travelled
    seconds: tuple[float, ...]
    """How long its deliveries took."""
    turned_away: Mapping[str, int]
    """By code."""
    sent_back: Mapping[str, int]
    """By partner."""

    @cached_property
    def median(self) -> float | None:
        """Half of the deliveries took no longer."""
        return percentile(list(self.seconds), 0.5)

    @cached_property
    def slowest(self) -> float | None:
        """Of twenty deliveries nineteen took no longer."""
        return percentile(list(self.seconds), 0.95)

    @property
    def refused(self) -> int:
        """By us, with a receipt or without, and by partners."""
        return self.travelled.turned_down + sum(self.turned_away.values()) + sum(self.sent_back.values())


@dataclass(frozen=True, slots=True)
class Overview:
    """Each part is read on its own: one that cannot be read hides no other."""

    at: datetime
    given_up: Read[list[GivenUp]]
    queues: Read[list[Queue]]
    silent: Read[list[PartnerHealth]]
    """Partners and webhooks that are not asked again for a while, or are about to be."""
    ending: Read[list[InUse]]
    """Certificates that end soon or have ended, the first one first."""
    lists: Read[list[RevocationResult]]
    """Revocation lists that are too old."""
    day: Read[list[HourFigures]]
    """The oldest hour first; the last one is not over."""


@dataclass(slots=True)
class Lookout:
    """Looks, and keeps for a moment what it has seen, for each boundary apart."""

    node: Node
    _seen: dict[Boundary, Overview] = field(default_factory=dict)
    _hours: dict[tuple[Boundary, datetime], tuple[datetime, HourFigures]] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self, within: Boundary) -> Overview:
        """
        What there is for somebody who sees what concerns the authorities of `within`; empty: everything.

        One at a time: who comes meanwhile gets what the first one has read. Raises nothing.
        """
        async with self._turn:
            at = self.node.clock.now()
            self._forget(at)
            if within not in self._seen:
                self._seen[within] = await self._look(within, at)
            return self._seen[within]

    def _forget(self, at: datetime) -> None:
        """What is not fresh any more; a clock that was set back makes everything old."""
        fresh = timedelta(seconds=FRESH_SECONDS)
        self._seen = {
            whose: each for whose, each in self._seen.items() if timedelta(0) <= at - each.at < fresh
        }
        kept = timedelta(seconds=CLOSED_SECONDS)
        self._hours = {
            key: (seen, each) for key, (seen, each) in self._hours.items() if timedelta(0) <= at - seen < kept
        }

    async def _look(self, within: Boundary, at: datetime) -> Overview:
        """Every part."""
        return Overview(
            at,
            await read("dead letters", self._given_up(within)),
            await read("queues", self._queues(within)),
            await read("silent partners", self._silent()),
            await read("certificates", self._ending(at)),
            await read("revocation lists", self._lists(at)),
            await read("traffic", self._day(within, at)),
        )

    async def _given_up(self, within: Boundary) -> list[GivenUp]:
        """Dead letters."""
        async with self.node.storage.read() as transaction:
            return await transaction.figures.given_up(within, MOST)

    async def _queues(self, within: Boundary) -> list[Queue]:
        """What has not arrived."""
        async with self.node.storage.read() as transaction:
            return await transaction.figures.queues(within, MOST)

    async def _silent(self) -> list[PartnerHealth]:
        """Breakers that are not closed, of those who are still known here."""
        async with self.node.storage.read() as transaction:
            found = await transaction.health.all()
        known = {*self.node.directory.partners, *self.node.webhooks}
        return [each for name, each in sorted(found.items()) if each.probe_at is not None and name in known]

    async def _ending(self, at: datetime) -> list[InUse]:
        """Certificates within the longest stage of warning."""
        soon = at + timedelta(days=STAGES[-1])
        found = await asyncio.to_thread(lambda: list(self.node.certificates()))
        ending = [each for each in found if each.certificate.not_valid_after_utc <= soon]
        return sorted(ending, key=lambda each: each.certificate.not_valid_after_utc)

    async def _lists(self, at: datetime) -> list[RevocationResult]:
        """Alarms of revocation lists."""
        return list(self.node.revocations.alarms(at))

    async def _day(self, within: Boundary, at: datetime) -> list[HourFigures]:
        """Hour by hour, so that no single count takes long; what is over is not counted again each time."""
        begin = at.replace(minute=0, second=0, microsecond=0) - (HOURS - 1) * HOUR
        hours: list[HourFigures] = []
        for span in (Span(begin + n * HOUR, begin + (n + 1) * HOUR) for n in range(HOURS)):
            known = self._hours.get((within, span.begin))
            if known is None:
                known = at, await self._hour(within, span)
                if span.end < at:
                    self._hours[within, span.begin] = known
            hours.append(known[1])
        return hours

    async def _hour(self, within: Boundary, span: Span) -> HourFigures:
        """One hour."""
        async with self.node.storage.read() as transaction:
            figures = transaction.figures
            return HourFigures(
                span,
                await figures.travelled(span, within, MOST),
                tuple(await figures.seconds(span, within, MOST_SECONDS)),
                await figures.turned_away(span, within, MOST),
                await figures.sent_back(span, within, MOST),
            )


def totals(hours: Sequence[HourFigures]) -> tuple[Mapping[str, int], Mapping[str, int], int]:
    """Of some hours: what was turned away by code, what partners refused, and what we refused by receipt."""
    away: dict[str, int] = {}
    back: dict[str, int] = {}
    for hour in hours:
        for counted, found in ((away, hour.turned_away), (back, hour.sent_back)):
            for name, count in found.items():
                counted[name] = counted.get(name, 0) + count
    return away, back, sum(hour.travelled.turned_down for hour in hours)
