"""The port through which flows keep what authorities hosted here are told."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from gateway.exchange.events import Event
from gateway.permits.identity import AuthorityId


class Events(Protocol):
    """What authorities are told; an event stays for ever, and leaves the feed when it is acknowledged."""

    async def add(self, events: Sequence[Event]) -> None:
        """Keep events."""

    async def get(self, event_id: str) -> Event | None:
        """The event with that id."""

    async def waiting(self, authority: AuthorityId, *, after: str, limit: int) -> list[Event]:
        """What is not yet acknowledged, oldest first, after the event with id `after`."""

    async def acknowledge(
        self, authority: AuthorityId, event_ids: Collection[str], at: datetime
    ) -> frozenset[str]:
        """Mark events as taken, the first time counts; the ids of those that are the authority's."""
