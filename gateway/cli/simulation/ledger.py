"""What the simulated authorities wrote down."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field

from gateway.permits.identity import AuthorityId


@dataclass(frozen=True, slots=True)
class Handed:
    """A permit as a gateway accepted it from its issuer."""

    submission: str
    digest: str
    """SHA-256 of the sealed permit, as the gateway told it."""


@dataclass(slots=True)
class Ledger:
    """Both ends of every journey."""

    handed: dict[str, Handed] = field(default_factory=dict)
    """By number of the permit."""
    taken: dict[str, dict[AuthorityId, dict[str, str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    """By number, by consumer, by id of the item: the digest of the bytes that were fetched."""
    again: int = 0
    """Items that were handed out a second time under the same id, which a consumer may ignore."""
    troubles: list[str] = field(default_factory=list)
    """What no authority should ever hear."""
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def hand(self, number: str, handed: Handed) -> None:
        """An issuer's system has the answer."""
        known = self.handed.setdefault(number, handed)
        if known != handed:
            self.troubles.append(
                f"{number} was accepted twice, as {known.submission} and {handed.submission}"
            )
        await self.moved()

    async def take(self, number: str, consumer: AuthorityId, item: str, digest: str) -> None:
        """A consumer's system has the bytes."""
        items = self.taken[number][consumer]
        if items.setdefault(item, digest) != digest:
            self.troubles.append(f"{consumer} got two different permits as item {item}")
        await self.moved()

    async def moved(self) -> None:
        """Somebody may wait for this."""
        async with self._moved:
            self._moved.notify_all()

    async def until_handed(self, count: int) -> None:
        """Wait until so many permits have been handed over since the start."""
        async with self._moved:
            await self._moved.wait_for(lambda: len(self.handed) >= count)
