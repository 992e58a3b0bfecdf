"""
What has waited too long, found without reading what has not.

It is looked for once a minute, and almost always there is none: then one entry of an index is read for each
partner that has something to send, however much waits.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, bindparam, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.exchange.delivery import DeliveryState
from gateway.storage.queue_rows import partners_with_work
from gateway.storage.tables import Moment, deliveries

_QUEUED = deliveries.c.state == literal_column(f"'{DeliveryState.QUEUED.value}'")
"""In so many letters, as the index has it: with a parameter no database can know that the index serves."""

_walk = partners_with_work()
_oldest = (
    select(func.min(deliveries.c.created_at))
    .where(_QUEUED, deliveries.c.partner == _walk.c.partner)
    .scalar_subquery()
)
_LATE = select(_walk.c.partner).where(
    _walk.c.partner.is_not(None),
    _walk.c.partner.not_in(bindparam("beside", expanding=True)),
    _oldest < bindparam("before", type_=Moment),
)
_OVERDUE = (
    select(deliveries)
    .where(
        _QUEUED,
        deliveries.c.partner == bindparam("whose"),
        deliveries.c.created_at < bindparam("before", type_=Moment),
        # What an operator sent again counts from then; so it is never younger than it was made.
        func.coalesce(deliveries.c.requeued_at, deliveries.c.created_at) < bindparam("before", type_=Moment),
    )
    .order_by(deliveries.c.created_at, deliveries.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


async def overdue_rows(
    connection: AsyncConnection, *, before: datetime, only: str, beside: Sequence[str], limit: int
) -> list[Row[tuple[object, ...]]]:
    """
    Up to `limit` deliveries that are queued since before a moment, of each partner the oldest first.

    For the partner `only`, or when that is empty for all but those of `beside`. They are locked for the
    transaction; those that another one has locked are left out.
    """
    late: Sequence[str] = [only]
    if not only:
        asked = {"beside": beside, "before": before}
        late = sorted((await connection.execute(_LATE, asked)).scalars())
    rows: list[Row[tuple[object, ...]]] = []
    for partner in late:
        most = {"whose": partner, "before": before, "most": limit - len(rows)}
        rows += await connection.execute(_OVERDUE, most)
        if len(rows) == limit:
            break
    return rows
