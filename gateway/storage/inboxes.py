"""Permits that wait for authorities hosted here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.exchange.records import InboxItem
from gateway.permits.identity import AuthorityId
from gateway.storage.once import insert_once
from gateway.storage.rows import authority, permit_ref
from gateway.storage.tables import inbox, permits


class InboxTable:
    """Fulfils the port `Inboxes`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def put(self, items: Sequence[InboxItem]) -> frozenset[str]:
        """Hand over, once per authority and permit; the ids of the new ones."""
        ids = frozenset(item.id for item in items)
        written = await insert_once(self._connection, inbox, [_values(item) for item in items])
        if written == len(ids):
            return ids
        rows = await self._connection.execute(select(inbox.c.id).where(inbox.c.id.in_(ids)))
        return frozenset(rows.scalars())

    async def waiting(self, authority: AuthorityId, *, after: str, limit: int) -> list[InboxItem]:
        """What is not yet acknowledged, oldest first."""
        rows = await self._connection.execute(
            select(inbox)
            .where(
                inbox.c.authority == str(authority),
                inbox.c.acknowledged_at.is_(None),
                inbox.c.id > after,
            )
            .order_by(inbox.c.id)
            .limit(limit)
        )
        return [_item(row) for row in rows]

    async def get(self, authority: AuthorityId, item_id: str) -> tuple[InboxItem, bytes] | None:
        """One item with the permit's original bytes."""
        row = (
            await self._connection.execute(
                select(inbox, permits.c.original)
                .join(permits, permits.c.id == inbox.c.permit_id)
                .where(inbox.c.id == item_id, inbox.c.authority == str(authority))
            )
        ).first()
        return None if row is None else (_item(row), bytes(row.original))

    async def acknowledge(self, authority: AuthorityId, item_id: str, at: datetime) -> InboxItem | None:
        """Mark an item as taken; the first time counts."""
        await self._connection.execute(
            update(inbox)
            .where(
                inbox.c.id == item_id,
                inbox.c.authority == str(authority),
                inbox.c.acknowledged_at.is_(None),
            )
            .values(acknowledged_at=at)
        )
        found = await self.get(authority, item_id)
        return None if found is None else found[0]


def _values(item: InboxItem) -> dict[str, Any]:
    """The row of an item."""
    return {
        "id": item.id,
        "authority": str(item.authority),
        "permit_id": item.permit_id,
        "issuer": item.permit.issuer,
        "number": item.permit.number,
        "sender": str(item.sender),
        "digest": item.digest,
        "arrived_at": item.arrived_at,
        "acknowledged_at": item.acknowledged_at,
    }


def _item(row: Any) -> InboxItem:
    """The item of a row."""
    return InboxItem(
        id=row.id,
        authority=authority(row.authority),
        permit=permit_ref(row),
        permit_id=row.permit_id,
        sender=authority(row.sender),
        digest=row.digest,
        arrived_at=row.arrived_at,
        acknowledged_at=row.acknowledged_at,
    )
