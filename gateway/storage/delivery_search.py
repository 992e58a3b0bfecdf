"""Looking for deliveries: every search walks along an index, however many there are."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, and_, or_, select

from gateway.exchange.delivery import DeliveryState
from gateway.exchange.delivery_query import DeliveryQuery
from gateway.storage.branching import Condition, anyone, first_rows
from gateway.storage.tables import deliveries

_ALL = select(deliveries)


def matching(query: DeliveryQuery) -> Select[Any]:
    """The statement that finds what `query` looks for, in its order."""
    conditions, branches = list(_conditions(query)), []
    if not (query.ids or query.message_id or query.number):  # those have few rows and an index of their own
        branches = list(_branches(query))
    if query.authority is not None:
        conditions.append(or_(*anyone(deliveries, [query.authority])))
    if query.within:
        conditions.append(or_(*anyone(deliveries, query.within)))
    return first_rows(_ALL, conditions, branches, ["id"], query.limit, backwards=query.newest_first)


def _conditions(query: DeliveryQuery) -> Iterator[Condition]:
    """What must hold, but for whom it concerns."""
    at = deliveries.c
    yield from _bounds(query)
    if query.ids:
        yield at.id.in_(query.ids)
    if query.states:
        yield at.state.in_([state.value for state in query.states])
    for name in ("message_id", "partner", "error_code", "issuer", "number"):
        if getattr(query, name):
            yield at[name] == getattr(query, name)


def _bounds(query: DeliveryQuery) -> Iterator[Condition]:
    """From where to where, and as of when."""
    at = deliveries.c
    if query.created_before:
        yield at.created_at < query.created_before
    if query.created_since:
        yield at.created_at >= query.created_since
    if query.after:
        yield at.id < query.after if query.newest_first else at.id > query.after
    if query.up_to:
        yield at.id <= query.up_to
    if query.as_of:
        for moment in (at.settled_at, at.requeued_at):
            yield or_(moment.is_(None), moment <= query.as_of)


def _branches(query: DeliveryQuery) -> Iterator[Condition]:
    """The values that lead along an index, the most telling ones first."""
    at = deliveries.c
    if query.partner:
        for state in query.states or DeliveryState:
            yield and_(at.partner == query.partner, at.state == state.value)
    elif query.error_code:
        yield at.error_code != ""  # what the index says of itself, so that it is found
    elif query.states and all(state in _FEW for state in query.states):
        yield from (at.state == state.value for state in query.states)
    elif query.authority or query.within:
        yield from anyone(deliveries, [query.authority] if query.authority else query.within)
    elif query.states:
        yield from (at.state == state.value for state in query.states)


_FEW = frozenset(DeliveryState) - {
    DeliveryState.DELIVERED,
    DeliveryState.DELIVERED_WITH_WARNINGS,
    DeliveryState.REFUSED,
    DeliveryState.DROPPED,
}
"""What somebody or something will move on sooner or later, so that there are never very many."""
