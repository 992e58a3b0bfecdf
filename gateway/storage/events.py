"""What authorities hosted here are told."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.exchange.events import Event, EventKind
from gateway.permits.identity import AuthorityId
from gateway.storage.doorbell import ring
from gateway.storage.rows import authority as read_authority
from gateway.storage.rows import permit_ref
from gateway.storage.tables import events


class EventTable:
    """Fulfils the port `Events`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def add(self, records: Sequence[Event]) -> None:
        """Keep events; who waits for them is woken when the transaction is committed."""
        if records:
            await self._connection.execute(insert(events), [_values(record) for record in records])
        for authority in sorted({str(record.authority) for record in records}):
            await ring(self._connection, mailbox=authority)

    async def get(self, event_id: str) -> Event | None:
        """The event with that id."""
        row = (await self._connection.execute(select(events).where(events.c.id == event_id))).first()
        return None if row is None else _event(row)

    async def waiting(self, authority: AuthorityId, *, after: str, limit: int) -> list[Event]:
        """What is not yet acknowledged, oldest first."""
        rows = await self._connection.execute(
            select(events)
            .where(
                events.c.authority == str(authority),
                events.c.acknowledged_at.is_(None),
                events.c.id > after,
            )
            .order_by(events.c.id)
            .limit(limit)
        )
        return [_event(row) for row in rows]

    async def acknowledge(
        self, authority: AuthorityId, event_ids: Collection[str], at: datetime
    ) -> frozenset[str]:
        """Mark events as taken; the first time counts."""
        mine = (events.c.id.in_(event_ids), events.c.authority == str(authority))
        await self._connection.execute(
            update(events).where(*mine, events.c.acknowledged_at.is_(None)).values(acknowledged_at=at)
        )
        found = await self._connection.execute(select(events.c.id).where(*mine))
        return frozenset(found.scalars())


def _values(record: Event) -> dict[str, Any]:
    """The row of an event."""
    return {
        "id": record.id,
        "authority": str(record.authority),
        "kind": record.kind.value,
        "issuer": record.permit.issuer,
        "number": record.permit.number,
        "author": str(record.by),
        "about": record.about,
        "made_at": record.made_at,
        "acknowledged_at": record.acknowledged_at,
    }


def _event(row: Any) -> Event:
    """The event of a row."""
    return Event(
        id=row.id,
        authority=read_authority(row.authority),
        kind=EventKind(row.kind),
        permit=permit_ref(row),
        by=read_authority(row.author),
        about=row.about,
        made_at=row.made_at,
        acknowledged_at=row.acknowledged_at,
    )
