"""The port `Events` in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.errors import StorageError
from gateway.exchange.events import Event
from gateway.permits.identity import AuthorityId
from support.memory.state import State


class MemoryEvents:
    """Fulfils the port `Events`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def add(self, events: Sequence[Event]) -> None:
        """Keep events."""
        for event in events:
            if event.id in self._state.events:
                raise StorageError(f"event {event.id} is there already")
            self._state.events[event.id] = event

    async def get(self, event_id: str) -> Event | None:
        """The event with that id."""
        return self._state.events.get(event_id)

    async def waiting(self, authority: AuthorityId, *, after: str, limit: int) -> list[Event]:
        """What is not yet acknowledged, oldest first."""
        found = [
            event
            for event in self._state.events.values()
            if event.authority == authority and event.acknowledged_at is None and event.id > after
        ]
        return sorted(found, key=lambda event: event.id)[:limit]

    async def acknowledge(
        self, authority: AuthorityId, event_ids: Collection[str], at: datetime
    ) -> frozenset[str]:
        """Mark events as taken; the first time counts."""
        mine = [event for event in self._state.events.values() if event.authority == authority]
        found = [event for event in mine if event.id in event_ids]
        for event in found:
            if event.acknowledged_at is None:
                self._state.events[event.id] = replace(event, acknowledged_at=at)
        return frozenset(event.id for event in found)
