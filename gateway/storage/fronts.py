"""
The front of each partner's queue, found by going from partner to partner along an index.

What it costs depends on how many partners have something to send, not on how much waits: a worker that looks
for work never walks past the queue of a partner that takes nothing at the moment. The statements here are for
SQLite, which is in the same process and answers many small ones quickly; `shared_fronts` has PostgreSQL's.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.exchange.delivery import Room
from gateway.storage import shared_fronts
from gateway.storage.queue_rows import MOVES, partners_with_work, size
from gateway.storage.tables import Moment, deliveries

_walk = partners_with_work()
_earliest = select(func.min(deliveries.c.due_at)).where(MOVES, deliveries.c.partner == _walk.c.partner)

_fronts = (
    select(_walk.c.partner, _earliest.scalar_subquery().label("due_at"))
    .where(_walk.c.partner.is_not(None), _walk.c.partner.not_in(bindparam("full", expanding=True)))
    .subquery("fronts")
)
_NEXT_DUE = select(func.min(_fronts.c.due_at, type_=Moment))
_WITH_WORK = (
    select(_fronts.c.partner)
    .where(_fronts.c.due_at <= bindparam("at", type_=Moment))
    .order_by(_fronts.c.due_at, _fronts.c.partner)
    .limit(bindparam("most"))
)
_FRONT = (
    select(deliveries, size().label("size"))
    .where(
        deliveries.c.partner == bindparam("whose"),
        deliveries.c.due_at <= bindparam("at", type_=Moment),
    )
    .order_by(deliveries.c.due_at, deliveries.c.id)
    .limit(bindparam("most"))
)


async def next_due(connection: AsyncConnection, room: Room) -> datetime | None:
    """The earliest moment at which something becomes due for a partner with room; None when there is none."""
    if connection.dialect.name == "postgresql":
        return await shared_fronts.next_due(connection, room)
    earliest: datetime | None = (await connection.execute(_NEXT_DUE, {"full": room.full})).scalar()
    return earliest


async def due_rows(
    connection: AsyncConnection, *, at: datetime, limit: int, room: Room
) -> Sequence[Row[tuple[object, ...]]]:
    """
    Up to `limit` deliveries that are due, of each partner no more than it has room for, oldest first.

    They are locked for the transaction; those that another one has locked are left out. Partners take turns
    by their oldest delivery. `size` of a row are the bytes of its envelope.
    """
    if connection.dialect.name == "postgresql":
        due = await shared_fronts.due_rows(connection, at=at, limit=limit, room=room)
        return sorted(due, key=lambda row: (row.due_at, row.id))
    asked = {"full": room.full, "at": at, "most": limit}
    rows: list[Row[tuple[object, ...]]] = []
    for partner in (await connection.execute(_WITH_WORK, asked)).scalars().all():
        most = min(room.of(partner), limit - len(rows))
        rows += await connection.execute(_FRONT, {"whose": partner, "at": at, "most": most})
        if len(rows) == limit:
            break
    return sorted(rows, key=lambda row: (row.due_at, row.id))
