"""Messages on their way, and every attempt."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.exchange.claiming import Backlog, Claimed, Picking, Unfinished
from gateway.exchange.delivery import DeliveryState, Room, Step
from gateway.exchange.delivery_query import DEAD_LETTERS, DeliveryQuery
from gateway.exchange.records import Attempt, DeliveryRecord
from gateway.storage import fronts
from gateway.storage.delivery_search import matching
from gateway.storage.doorbell import ring
from gateway.storage.overdue import overdue_rows
from gateway.storage.rows import authority, permit_ref
from gateway.storage.tables import Moment, deliveries, delivery_attempts

_NOW = select(func.clock_timestamp(type_=Moment))
_UNSETTLED = deliveries.c.state.in_([state.value for state in DeliveryState if not state.settled])


class DeliveryTable:
    """Fulfils the port `Deliveries`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def add(self, records: Sequence[DeliveryRecord]) -> None:
        """Queue deliveries, or note those that are done already."""
        if records:
            await self._connection.execute(insert(deliveries), [_values(record) for record in records])
        if any(record.state is DeliveryState.QUEUED for record in records):
            await ring(self._connection)
        for partner in sorted({each.partner for each in records if each.state is DeliveryState.WAITING}):
            await ring(self._connection, mailbox=partner)

    async def moment(self, ours: datetime) -> datetime:
        """PostgreSQL's own time, which is one for all machines; a SQLite file has but one machine: `ours`."""
        if self._connection.dialect.name == "sqlite":
            return ours
        return (await self._connection.execute(_NOW)).scalar_one()

    async def claim(
        self, *, at: datetime, lease_until: datetime, worker: str, limit: int, room: Room
    ) -> Claimed:
        """Take what is due: queued and its time has come, or sending and its lease has ended."""
        picking = Picking(room)
        due = await fronts.due_rows(self._connection, at=at, limit=limit, room=room)
        rows = [row for row in due if picking.takes(row.partner, row.size)]
        if rows:
            await self._connection.execute(
                update(deliveries)
                .where(deliveries.c.id.in_([row.id for row in rows]))
                .values(state=DeliveryState.SENDING.value, due_at=lease_until, lease_owner=worker)
            )
        return Claimed((replace(delivery_record(row), size=row.size) for row in rows), picking.held)

    async def extend(
        self, delivery_ids: Sequence[str], *, worker: str, lease_until: datetime
    ) -> frozenset[str]:
        """Let the leases of one worker end later; the ids of those that were still its own."""
        kept = await self._connection.execute(
            update(deliveries)
            .where(
                deliveries.c.id.in_(delivery_ids),
                deliveries.c.lease_owner == worker,
                deliveries.c.state == DeliveryState.SENDING.value,
            )
            .values(due_at=lease_until)
            .returning(deliveries.c.id)
        )
        return frozenset(kept.scalars())

    async def cut_leases(self, *, ending_after: datetime, lease_until: datetime) -> int:
        """Let leases that end after a moment end at another one, whoever has them; returns how many."""
        cut = await self._connection.execute(
            update(deliveries)
            .where(deliveries.c.state == DeliveryState.SENDING.value, deliveries.c.due_at > ending_after)
            .values(due_at=lease_until)
        )
        return int(cut.rowcount)

    async def next_due(self, room: Room) -> datetime | None:
        """When the next delivery becomes due, or the next lease ends, where there is room."""
        return await fronts.next_due(self._connection, room)

    async def settle(
        self, record: DeliveryRecord, step: Step, attempt: Attempt, *, worker: str, code: str, error: str
    ) -> bool:
        """Write what became of an attempt, unless another worker has taken the delivery over."""
        written = await self._connection.execute(
            update(deliveries)
            .where(
                deliveries.c.id == record.id,
                deliveries.c.lease_owner == worker,
                deliveries.c.state == DeliveryState.SENDING.value,
            )
            .values(
                state=step.state.value,
                due_at=step.next_attempt_at,
                lease_owner=None,
                attempts=record.attempts + 1,
                settled_at=attempt.ended_at if step.state.settled else None,
                error_code=code,
                error=error,
            )
        )
        await keep_attempt(self._connection, attempt)
        return bool(written.rowcount)

    async def release(self, partner: str, at: datetime) -> int:
        """Let what waits for its next attempt to a partner be due at once; returns how many."""
        released = await self._connection.execute(
            update(deliveries)
            .where(
                deliveries.c.partner == partner,
                deliveries.c.state == DeliveryState.QUEUED.value,
                deliveries.c.due_at > at,
            )
            .values(due_at=at)
        )
        if released.rowcount:
            await ring(self._connection)
        return int(released.rowcount)

    async def expire(
        self, *, created_before: datetime, at: datetime, only: str, beside: Sequence[str], limit: int
    ) -> list[DeliveryRecord]:
        """Give up what was queued before a moment: for one partner, or for all but some."""
        rows = await overdue_rows(
            self._connection, before=created_before, only=only, beside=beside, limit=limit
        )
        if rows:
            await self._connection.execute(
                update(deliveries)
                .where(deliveries.c.id.in_([row.id for row in rows]))
                .values(state=DeliveryState.NO_RECEIPT.value, due_at=None, settled_at=at)
            )
        return [delivery_record(row) for row in rows]

    async def unfinished(self, at: datetime) -> Unfinished:
        """What is not settled at a moment; an index leads past all that is."""
        has_come = (deliveries.c.due_at <= at).label("has_come")
        rows = await self._connection.execute(
            select(deliveries.c.state, has_come, func.count(), func.max(deliveries.c.due_at))
            .where(_UNSETTLED)
            .group_by(deliveries.c.state, text("has_come"))
        )
        found = {(DeliveryState(state), bool(over)): (count, last) for state, over, count, last in rows}

        def both(state: DeliveryState) -> int:
            """Those whose moment has come, and those for which it has not."""
            return sum(found.get((state, over), (0, None))[0] for over in (True, False))

        leased, until = found.get((DeliveryState.SENDING, False), (0, None))
        ended, _ = found.get((DeliveryState.SENDING, True), (0, None))
        return Unfinished(both(DeliveryState.QUEUED), both(DeliveryState.WAITING), leased, until, ended)

    async def unsettled(self) -> dict[tuple[str, DeliveryState], int]:
        """How many wait or are on their way; an index leads past all that are settled."""
        rows = await self._connection.execute(
            select(deliveries.c.partner, deliveries.c.state, func.count())
            .where(_UNSETTLED)
            .group_by(deliveries.c.partner, deliveries.c.state)
        )
        return {(partner, DeliveryState(state)): count for partner, state, count in rows}

    async def backlog(self) -> list[Backlog]:
        """What is not over; two indexes lead past all that is, which are most."""
        since = func.coalesce(deliveries.c.requeued_at, deliveries.c.created_at)
        figures = select(
            deliveries.c.partner,
            deliveries.c.state,
            func.count(),
            func.min(since),
        ).group_by(deliveries.c.partner, deliveries.c.state)
        under_way = figures.where(deliveries.c.due_at.is_not(None))
        dead = figures.where(deliveries.c.state.in_([state.value for state in DEAD_LETTERS]))
        rows = await self._connection.execute(under_way.union_all(dead))
        return [
            Backlog(partner, DeliveryState(state), count, oldest) for partner, state, count, oldest in rows
        ]

    async def get(self, delivery_id: str) -> DeliveryRecord | None:
        """One delivery."""
        row = (
            await self._connection.execute(select(deliveries).where(deliveries.c.id == delivery_id))
        ).first()
        return None if row is None else delivery_record(row)

    async def attempts(self, delivery_id: str) -> list[Attempt]:
        """All attempts of one delivery, oldest first."""
        rows = await self._connection.execute(
            select(delivery_attempts)
            .where(delivery_attempts.c.delivery_id == delivery_id)
            .order_by(delivery_attempts.c.id)
        )
        return [
            Attempt(row.delivery_id, row.started_at, row.seconds, row.address, row.outcome, row.error)
            for row in rows
        ]

    async def search(self, query: DeliveryQuery) -> list[DeliveryRecord]:
        """Matching deliveries, in the order that is asked for."""
        return [delivery_record(row) for row in await self._connection.execute(matching(query))]

    async def change(
        self, records: Sequence[DeliveryRecord], *, only_in: Collection[DeliveryState]
    ) -> frozenset[str]:
        """Write what an operator decided, where the state still allows it; the ids of those."""
        changed = set()
        for record in records:
            written = await self._connection.execute(
                update(deliveries)
                .where(
                    deliveries.c.id == record.id, deliveries.c.state.in_([state.value for state in only_in])
                )
                .values(
                    state=record.state.value,
                    due_at=record.next_attempt_at,
                    settled_at=record.settled_at,
                    requeued_at=record.requeued_at,
                    lease_owner=None,
                )
            )
            if written.rowcount:
                changed.add(record.id)
        if changed:
            await ring(self._connection)
        return frozenset(changed)

    async def of_conversation(self, conversation_id: str) -> list[DeliveryRecord]:
        """The deliveries of one submission, oldest first."""
        rows = await self._connection.execute(
            select(deliveries)
            .where(deliveries.c.conversation_id == conversation_id)
            .order_by(deliveries.c.id)
        )
        return [delivery_record(row) for row in rows]


def _values(record: DeliveryRecord) -> dict[str, Any]:
    """The row of a new record."""
    return {
        "id": record.id,
        "conversation_id": record.conversation_id,
        "sender": str(record.sender),
        "recipient": str(record.recipient),
        "partner": record.partner,
        "message_id": record.message_id,
        "issuer": record.permit.issuer,
        "number": record.permit.number,
        "state": record.state.value,
        "created_at": record.created_at,
        "attempts": record.attempts,
        "due_at": record.next_attempt_at,
        "lease_owner": None,
        "settled_at": record.settled_at,
        "error_code": record.error_code,
        "error": record.error,
        "requeued_at": record.requeued_at,
    }


async def keep_attempt(connection: AsyncConnection, attempt: Attempt) -> None:
    """Keep one attempt; it is true whatever becomes of the delivery."""
    await connection.execute(
        insert(delivery_attempts),
        {
            "delivery_id": attempt.delivery_id,
            "started_at": attempt.started_at,
            "seconds": attempt.seconds,
            "address": attempt.address,
            "outcome": attempt.outcome,
            "error": attempt.error,
        },
    )


def delivery_record(row: Row[Any]) -> DeliveryRecord:
    """The record of a row."""
    return DeliveryRecord(
        id=row.id,
        conversation_id=row.conversation_id,
        sender=authority(row.sender),
        recipient=authority(row.recipient),
        partner=row.partner,
        message_id=row.message_id,
        permit=permit_ref(row),
        state=DeliveryState(row.state),
        created_at=row.created_at,
        attempts=row.attempts,
        next_attempt_at=row.due_at,
        settled_at=row.settled_at,
        error_code=row.error_code,
        error=row.error,
        requeued_at=row.requeued_at,
    )
