"""How partners do: what was measured at the last attempts, what waits for them, and what was agreed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import NotFound
from gateway.exchange.breaker import PartnerHealth
from gateway.exchange.delivery_query import DeliveryQuery
from gateway.exchange.directory import Partner
from gateway.exchange.figures import Queue, Sample, percentile
from gateway.exchange.records import DeliveryRecord
from gateway.exchange.retry import RetryPolicy
from gateway.flows.figures_store import Boundary
from gateway.flows.ports import Node
from gateway.signatures.in_use import InUse, Purpose

LAST = 200
"""Attempts from which it is told how a partner does."""
RECENT = 20
"""Deliveries on its page."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the last attempts say."""

    attempts: int
    answered: int
    """Of these, those that brought a receipt."""
    median: float | None
    """Seconds; of those that brought a receipt."""
    slowest: float | None
    """Of twenty, nineteen took no longer."""

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> "Measured":
        """From the attempts themselves."""
        seconds = [each.seconds for each in samples if each.answered]
        return cls(len(samples), len(seconds), percentile(seconds, 0.5), percentile(seconds, 0.95))


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """One partner in the list."""

    partner: Partner
    health: PartnerHealth
    measured: Measured
    queued: int
    """What has not arrived yet."""
    oldest: datetime | None
    """Since when the oldest of it waits."""


@dataclass(frozen=True, slots=True)
class SeenPartner:
    """All about one partner."""

    line: PartnerLine
    certificates: Mapping[str, tuple[InUse, ...]]
    """By owner: the partner itself, then each authority behind it."""
    retry: RetryPolicy
    recent: tuple[DeliveryRecord, ...]


async def list_partners(within: Boundary, node: Node, most: int) -> list[PartnerLine]:
    """Every partner that is registered, by its id; of its queue at most `most` within the boundary."""
    async with node.storage.read() as transaction:
        health = await transaction.health.all()
        queues = await transaction.figures.queues(within, most)
        return [
            _line(
                partner,
                health.get(name),
                [each for each in queues if each.partner == name],
                await transaction.figures.samples(name, LAST),
            )
            for name, partner in sorted(node.directory.partners.items())
        ]


async def look_at_partner(name: str, within: Boundary, node: Node, most: int) -> SeenPartner:
    """One partner; raises `NotFound`."""
    partner = registered(name, node)
    certificates = await asyncio.to_thread(lambda: list(node.certificates()))
    async with node.storage.read() as transaction:
        health = await transaction.health.get(name)
        queues = await transaction.figures.queues(within, most)
        samples = await transaction.figures.samples(name, LAST)
        query = DeliveryQuery(partner=name, within=within, newest_first=True, limit=RECENT)
        recent = await transaction.deliveries.search(query)
    owners = (name, *map(str, partner.authorities))
    theirs = {
        owner: tuple(
            sorted(
                (each for each in certificates if each.owner == owner and each.purpose in _THEIRS),
                key=lambda each: (each.purpose, each.certificate.not_valid_before_utc),
            )
        )
        for owner in owners
    }
    line = _line(partner, health, [each for each in queues if each.partner == name], samples)
    return SeenPartner(line, theirs, partner.retry or node.retry, tuple(recent))


_THEIRS = (Purpose.PARTNER, Purpose.TLS)


def registered(name: str, node: Node) -> Partner:
    """The partner with that id; raises `NotFound`."""
    partner = node.directory.partners.get(name)
    if partner is None:
        raise NotFound("there is no such partner", advice="look for it in the list of partners")
    return partner


def _line(
    partner: Partner, health: PartnerHealth | None, queues: Sequence[Queue], samples: Sequence[Sample]
) -> PartnerLine:
    """What is known, together."""
    return PartnerLine(
        partner,
        health or PartnerHealth(partner.id),
        Measured.of(samples),
        sum(each.count for each in queues),
        min((each.oldest for each in queues), default=None),
    )
