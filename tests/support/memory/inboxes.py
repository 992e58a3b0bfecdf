"""The port `Inboxes` in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.exchange.records import (
    InboxItem,
)
from gateway.permits.identity import AuthorityId
from support.memory.state import State


class MemoryInboxes:
    """Fulfils the port `Inboxes`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def put(self, items: Sequence[InboxItem]) -> frozenset[str]:
        """Hand over, once per authority and permit; the ids of the new ones."""
        known = {(item.authority, item.permit_id) for item in self._state.inbox.values()}
        new = set()
        for item in items:
            if (item.authority, item.permit_id) not in known and item.id not in self._state.inbox:
                known.add((item.authority, item.permit_id))
                new.add(item.id)
                self._state.inbox[item.id] = item
        return frozenset(new)

    async def waiting(self, authority: AuthorityId, *, after: str, limit: int) -> list[InboxItem]:
        """What is not yet acknowledged, oldest first."""
        found = [
            item
            for item in self._state.inbox.values()
            if item.authority == authority and item.acknowledged_at is None and item.id > after
        ]
        return sorted(found, key=lambda item: item.id)[:limit]

    async def get(self, authority: AuthorityId, item_id: str) -> tuple[InboxItem, bytes] | None:
        """One item with the permit's original bytes."""
        item = self._state.inbox.get(item_id)
        if item is None or item.authority != authority:
            return None
        originals = {record.id: record.original for record in self._state.permits.values()}
        if item.permit_id not in originals:
            return None
        return item, originals[item.permit_id]

    async def acknowledge(self, authority: AuthorityId, item_id: str, at: datetime) -> InboxItem | None:
        """Mark an item as taken; the first time counts."""
        found = await self.get(authority, item_id)
        if found is None:
            return None
        item = found[0]
        if item.acknowledged_at is None:
            item = replace(item, acknowledged_at=at)
            self._state.inbox[item.id] = item
        return item
