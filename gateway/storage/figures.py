"""Counts over the other tables; each looks at a bounded number of rows along an index."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Executable, case, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.exchange.delivery import DeliveryState
from gateway.exchange.delivery_query import DEAD_LETTERS
from gateway.exchange.figures import (
    RECEIPTED,
    SENT_BACK,
    UNSETTLED,
    GivenUp,
    Queue,
    Sample,
    Span,
    Travelled,
)
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import Direction
from gateway.messagelog.entry import EntryKind
from gateway.messagelog.ids import first_id
from gateway.permits.identity import AuthorityId
from gateway.storage.branching import anyone
from gateway.storage.tables import deliveries, delivery_attempts, log_entries, messages

Boundary = frozenset[AuthorityId]


class FigureTables:
    """Fulfils the port `Figures`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def travelled(self, span: Span, within: Boundary, most: int) -> Travelled:
        """Messages of a span of time, by direction."""
        at = messages.c
        rows = (
            select(at.direction, at.outcome, at.sender, at.recipient)
            .where(at.recorded_at >= span.begin, at.recorded_at < span.end)
            .limit(most)
            .subquery()
        )
        came = rows.c.direction == Direction.IN.value
        bad = came & rows.c.outcome.in_([Outcome.REFUSED.value, Outcome.NOT_READABLE.value])
        found = await self._one(
            select(_times(came), _times(rows.c.direction == Direction.OUT.value), _times(bad)).where(
                _within(rows, within)
            )
        )
        return Travelled(*(int(each or 0) for each in found))

    async def seconds(self, span: Span, within: Boundary, most: int) -> list[float]:
        """How long deliveries that were queued in a span took until their receipt, the newest ones."""
        rows = _queued_in(span, most)
        found = await self._all(
            select(rows.c.created_at, rows.c.requeued_at, rows.c.settled_at).where(
                _within(rows, within), rows.c.partner != "", _in(rows.c.state, RECEIPTED)
            )
        )
        return [(ended - (again or began)).total_seconds() for began, again, ended in found if ended]

    async def turned_away(self, span: Span, within: Boundary, most: int) -> dict[str, int]:
        """Entries of the message log about refusals, by code."""
        at = log_entries.c
        rows = (
            select(at.outcome, at.authority)
            .where(
                at.kind == EntryKind.REFUSED.value, at.id >= first_id(span.begin), at.id < first_id(span.end)
            )
            .limit(most)
            .subquery()
        )
        mine = rows.c.authority.in_(sorted(map(str, within))) if within else true()
        found = await self._all(select(rows.c.outcome, func.count()).where(mine).group_by(rows.c.outcome))
        return {code: int(count) for code, count in found}

    async def sent_back(self, span: Span, within: Boundary, most: int) -> dict[str, int]:
        """Deliveries queued in a span that a partner has refused, by partner."""
        counted: Counter[str] = Counter()
        for state in SENT_BACK:
            rows = _queued_in(span, most, state)
            found = await self._all(
                select(rows.c.partner, func.count())
                .where(_within(rows, within), rows.c.partner != "")
                .group_by(rows.c.partner)
            )
            counted.update({partner: int(count) for partner, count in found})
        return counted

    async def given_up(self, within: Boundary, most: int) -> list[GivenUp]:
        """Dead letters, the newest ones, by state and error."""
        counted: Counter[tuple[str, str]] = Counter()
        newest: dict[tuple[str, str], datetime] = {}
        at = deliveries.c
        for state in DEAD_LETTERS:
            rows = (
                select(at.state, at.error_code, at.settled_at, at.created_at, at.sender, at.recipient)
                .where(at.state == state.value)
                .order_by(at.id.desc())
                .limit(most)
                .subquery()
            )
            found = await self._all(
                select(
                    rows.c.state,
                    rows.c.error_code,
                    func.count(),
                    func.max(rows.c.settled_at),
                    func.max(rows.c.created_at),
                )
                .where(_within(rows, within))
                .group_by(rows.c.state, rows.c.error_code)
            )
            for word, code, count, settled, created in found:
                counted[word, code] += int(count)
                newest[word, code] = settled or created
        return [
            GivenUp(DeliveryState(word), code, count, newest[word, code])
            for (word, code), count in counted.most_common()
        ]

    async def queues(self, within: Boundary, most: int) -> list[Queue]:
        """What has not arrived, by partner and state, going from partner to partner along an index."""
        at, partner = deliveries.c, None
        queues: list[Queue] = []
        while True:
            beyond = true() if partner is None else at.partner > partner
            (partner,) = await self._one(select(func.min(at.partner)).where(at.due_at.is_not(None), beyond))
            if partner is None:
                return queues
            for state in UNSETTLED:
                rows = (
                    select(at.created_at, at.sender, at.recipient)
                    .where(at.state == state.value, at.partner == partner)
                    .order_by(at.id)
                    .limit(most)
                    .subquery()
                )
                count, oldest = await self._one(
                    select(func.count(), func.min(rows.c.created_at)).where(_within(rows, within))
                )
                if count:
                    queues.append(Queue(partner, state, int(count), oldest))

    async def samples(self, partner: str, most: int) -> list[Sample]:
        """The attempts at the partner's last settled deliveries, the newest deliveries first."""
        at, ids = deliveries.c, []
        for state in (*RECEIPTED, *DEAD_LETTERS, DeliveryState.QUEUED):
            found = await self._all(
                select(at.id)
                .where(at.state == state.value, at.partner == partner, at.attempts > 0)
                .order_by(at.id.desc())
                .limit(most)
            )
            ids += [row.id for row in found]
        last = sorted(ids, reverse=True)[:most]
        tries = delivery_attempts.c
        rows = await self._all(
            select(tries.outcome, tries.seconds)
            .where(tries.delivery_id.in_(last))
            .order_by(tries.delivery_id.desc(), tries.id.desc())
            .limit(most)
        )
        return [Sample(row.outcome, row.seconds) for row in rows]

    async def _one(self, statement: Executable) -> Sequence[Any]:
        """The only row."""
        row: Sequence[Any] = (await self._connection.execute(statement)).one()
        return row

    async def _all(self, statement: Executable) -> Sequence[Any]:
        """Every row."""
        rows: Sequence[Any] = (await self._connection.execute(statement)).all()
        return rows


def _times(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    """How many rows fulfil a condition."""
    return func.sum(case((condition, 1), else_=0))


def _in(column: ColumnElement[Any], states: Sequence[DeliveryState]) -> ColumnElement[bool]:
    """One of these states."""
    return column.in_([state.value for state in states])


def _within(rows: Any, within: Boundary) -> ColumnElement[bool]:
    """Rows that concern somebody within the boundary."""
    return or_(*anyone(rows, within)) if within else true()


def _queued_in(span: Span, most: int, state: DeliveryState | None = None) -> Any:
    """The newest deliveries queued in a span; their ids carry the time, so an index with them leads there."""
    at = deliveries.c
    mine = true() if state is None else at.state == state.value
    return (
        select(at.state, at.partner, at.sender, at.recipient, at.created_at, at.requeued_at, at.settled_at)
        .where(mine, at.id >= first_id(span.begin), at.id < first_id(span.end))
        .order_by(at.id.desc())
        .limit(most)
        .subquery()
    )
