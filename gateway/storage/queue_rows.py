"""What the queries of both databases ask of a queue."""

from sqlalchemy import CTE, ColumnElement, func, select

from gateway.exchange.records import Direction
from gateway.storage.tables import deliveries, messages

MOVES = deliveries.c.due_at.is_not(None)
"""Is not settled: the condition of the index along which queues are read."""


def partners_with_work() -> CTE:
    """Every partner with something that is not settled, one entry of the index each; the last is null."""
    walk = select(func.min(deliveries.c.partner).label("partner")).where(MOVES).cte("walk", recursive=True)
    following = select(func.min(deliveries.c.partner)).where(MOVES, deliveries.c.partner > walk.c.partner)
    return walk.union_all(select(following.scalar_subquery()).where(walk.c.partner.is_not(None)))


def size() -> ColumnElement[int]:
    """Bytes of a delivery's envelope, by the primary key of its message; the envelope itself is not read."""
    length = (
        select(func.length(messages.c.envelope))
        .where(
            messages.c.direction == Direction.OUT.value,
            messages.c.sender == deliveries.c.sender,
            messages.c.message_id == deliveries.c.message_id,
        )
        .correlate(deliveries)
        .scalar_subquery()
    )
    return func.coalesce(length, 0)
