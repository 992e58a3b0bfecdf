"""Looking for messages in both directions, without reading their bytes."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, Select, or_, select

from gateway.exchange.message import Kind
from gateway.exchange.message_query import MessageQuery, MessageSummary
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import Direction
from gateway.storage.branching import Condition, anyone, first_rows
from gateway.storage.rows import authority, permit_ref
from gateway.storage.tables import messages

_KEY = (messages.c.direction, messages.c.sender, messages.c.message_id)
_PLACE = messages.c.direction + "~" + messages.c.sender + "~" + messages.c.message_id
"""As `MessagePlace.key` writes it."""
_SUMMARIES = select(
    *_KEY,
    messages.c.conversation_id,
    messages.c.recipient,
    messages.c.partner,
    messages.c.issuer,
    messages.c.number,
    messages.c.kind,
    messages.c.recorded_at,
    messages.c.outcome,
    messages.c.findings,
    messages.c.receipt.is_not(None).label("receipted"),
    _PLACE.label("place"),
)


def matching(query: MessageQuery) -> Select[Any]:
    """The statement that finds what `query` looks for, newest first."""
    conditions, branches = list(_conditions(query)), []
    concerned = [query.authority] if query.authority else query.within
    if concerned and not (query.number or query.message_id):
        branches = anyone(messages, concerned)
    if query.authority is not None:
        conditions.append(or_(*anyone(messages, [query.authority])))
    if query.within:
        conditions.append(or_(*anyone(messages, query.within)))
    order = ["recorded_at", "place"]
    return first_rows(_SUMMARIES, conditions, branches, order, query.limit, backwards=True)


def _conditions(query: MessageQuery) -> Iterator[Condition]:
    """What must hold, but for whom it concerns."""
    at = messages.c
    for name in ("direction", "kind", "outcome"):
        wanted = getattr(query, name)
        if wanted is not None:
            yield at[name] == wanted.value
    for name in ("message_id", "partner", "issuer", "number"):
        if getattr(query, name):
            yield at[name] == getattr(query, name)
    if query.since:
        yield at.recorded_at >= query.since
    if query.until:
        yield at.recorded_at < query.until
    if query.after:
        moment = query.after.recorded_at
        # The first condition says less than the second, but it is what an index understands.
        yield at.recorded_at <= moment
        yield or_(at.recorded_at < moment, query.after.key > _PLACE)


def summary(row: Row[Any]) -> MessageSummary:
    """What a list shows of a row."""
    return MessageSummary(
        direction=Direction(row.direction),
        message_id=row.message_id,
        conversation_id=row.conversation_id,
        sender=authority(row.sender),
        recipient=authority(row.recipient),
        partner=row.partner,
        permit=permit_ref(row),
        kind=Kind(row.kind),
        recorded_at=row.recorded_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
        findings=len(json.loads(row.findings)),
        receipted=bool(row.receipted),
    )
