"""
The front of each partner's queue on PostgreSQL, in one statement however many partners there are.

A server that is asked over a connection answers one large question sooner than many small ones. It goes along
the index from partner to partner, and reads of each queue no more than its partner has room for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Row, Select, bindparam, func, lateral, select, true, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.exchange.delivery import Room
from gateway.storage.queue_rows import MOVES, size
from gateway.storage.tables import Moment, deliveries


def _first_of(queue: Select[Any]) -> Select[Any]:
    """Of what moves, the first partner and when its queue begins to be due: one entry of the index."""
    return queue.where(MOVES).order_by(deliveries.c.partner, deliveries.c.due_at).limit(1)


_queue = select(deliveries.c.partner, deliveries.c.due_at)
_walk = select(_first_of(_queue).subquery("first")).cte("walk", recursive=True)
_walk = _walk.union_all(
    select(lateral(_first_of(_queue.where(deliveries.c.partner > _walk.c.partner)), "following")).select_from(
        _walk
    )
)
_places = func.coalesce(
    bindparam("places", type_=JSONB)[_walk.c.partner].astext.cast(Integer),
    bindparam("default", type_=Integer),
)
_with_room = select(_walk.c.partner, _walk.c.due_at, _places.label("places")).where(_places > 0)

_NEXT_DUE = select(func.min(_with_room.subquery().c.due_at, type_=Moment))

_fronts = (
    _with_room.where(_walk.c.due_at <= bindparam("at", type_=Moment))
    .order_by(_walk.c.due_at, _walk.c.partner)
    .limit(bindparam("most", type_=Integer))
    .subquery("fronts")
)
_due = lateral(
    select(deliveries, size().label("size"))
    .where(
        MOVES,
        deliveries.c.partner >= _fronts.c.partner,
        tuple_(deliveries.c.partner, deliveries.c.due_at)
        <= tuple_(_fronts.c.partner, bindparam("at", type_=Moment)),
    )
    .order_by(deliveries.c.partner, deliveries.c.due_at, deliveries.c.id)
    .limit(_fronts.c.places)
    .with_for_update(skip_locked=True, of=deliveries),
    "due",
)
"""
What is due of one queue: of one partner, and up to a moment.

It is said as a stretch of the index by partner, so that no other can serve: along the one by moment the
server would walk past all that is older and for others, and believes that to be little.
"""
_DUE = (
    select(_due)
    .select_from(_fronts.join(_due, true()))
    .order_by(_fronts.c.due_at, _fronts.c.partner)
    .limit(bindparam("most", type_=Integer))
)
"""
The fronts come sorted, so the join brings its rows in that order and stops, and nothing is locked that is not
returned.
"""


async def next_due(connection: AsyncConnection, room: Room) -> datetime | None:
    """As `fronts.next_due`."""
    earliest: datetime | None = (await connection.execute(_NEXT_DUE, _asked(room))).scalar()
    return earliest


async def due_rows(
    connection: AsyncConnection, *, at: datetime, limit: int, room: Room
) -> Sequence[Row[tuple[object, ...]]]:
    """As `fronts.due_rows`."""
    return (await connection.execute(_DUE, {**_asked(room), "at": at, "most": limit})).all()


def _asked(room: Room) -> Mapping[str, object]:
    """The free places of each partner."""
    return {"places": dict(room.by_partner), "default": room.default}
