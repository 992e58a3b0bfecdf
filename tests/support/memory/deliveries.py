"""The port `Deliveries` in memory."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.errors import StorageError
from gateway.exchange.claiming import Backlog, Claimed, Picking, Unfinished
from gateway.exchange.delivery import DeliveryState, Room, Step
from gateway.exchange.delivery_query import DEAD_LETTERS, DeliveryQuery
from gateway.exchange.records import (
    Attempt,
    DeliveryRecord,
    Direction,
)
from support.memory.state import State, concerns


class MemoryDeliveries:
    """Fulfils the port `Deliveries`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def add(self, records: Sequence[DeliveryRecord]) -> None:
        """Queue deliveries, or note those that are done already."""
        for record in records:
            if record.id in self._state.deliveries:
                raise StorageError(f"delivery {record.id} is there already")
            self._state.deliveries[record.id] = record

    async def moment(self, ours: datetime) -> datetime:
        """There is one machine and one clock."""
        return ours

    async def extend(
        self, delivery_ids: Sequence[str], *, worker: str, lease_until: datetime
    ) -> frozenset[str]:
        """Let leases end later."""
        kept = set()
        for each in delivery_ids:
            known = self._state.deliveries.get(each)
            if known and known.state is DeliveryState.SENDING and self._state.leases.get(each) == worker:
                self._state.deliveries[each] = replace(known, next_attempt_at=lease_until)
                kept.add(each)
        return frozenset(kept)

    async def claim(
        self, *, at: datetime, lease_until: datetime, worker: str, limit: int, room: Room
    ) -> Claimed:
        """Take what is due: queued and its time has come, or sending and its lease has ended."""
        due = [record for moment, record in self._waiting(room) if moment <= at]
        due.sort(key=lambda record: (record.next_attempt_at or at, record.id))
        picking = Picking(room)
        claimed = []
        for record in due:
            sized = replace(record, size=self._size(record))
            if len(claimed) < limit and picking.takes(sized.partner, sized.size):
                claimed.append(sized)
        for record in claimed:
            self._state.deliveries[record.id] = replace(
                record, state=DeliveryState.SENDING, next_attempt_at=lease_until
            )
            self._state.leases[record.id] = worker
        return Claimed(claimed, picking.held)

    def _size(self, record: DeliveryRecord) -> int:
        """Bytes of the envelope of a delivery."""
        message = self._state.messages.get((Direction.OUT, record.sender, record.message_id))
        return 0 if message is None else len(message.envelope)

    async def cut_leases(self, *, ending_after: datetime, lease_until: datetime) -> int:
        """Let leases that end after a moment end at another one."""
        late = [
            record
            for record in self._state.deliveries.values()
            if record.state is DeliveryState.SENDING
            and record.next_attempt_at
            and record.next_attempt_at > ending_after
        ]
        for record in late:
            self._state.deliveries[record.id] = replace(record, next_attempt_at=lease_until)
        return len(late)

    async def next_due(self, room: Room) -> datetime | None:
        """When the next delivery becomes due, or the next lease ends, where there is room."""
        return min((moment for moment, _ in self._waiting(room)), default=None)

    async def settle(
        self, record: DeliveryRecord, step: Step, attempt: Attempt, *, worker: str, code: str, error: str
    ) -> bool:
        """Write what became of an attempt, unless another worker has taken the delivery over."""
        self._state.attempts.append(attempt)
        known = self._state.deliveries.get(record.id)
        if (
            known is None
            or known.state is not DeliveryState.SENDING
            or self._state.leases.get(record.id) != worker
        ):
            return False
        del self._state.leases[record.id]
        self._state.deliveries[record.id] = replace(
            known,
            state=step.state,
            next_attempt_at=step.next_attempt_at,
            attempts=record.attempts + 1,
            settled_at=attempt.ended_at if step.state.settled else None,
            error_code=code,
            error=error,
        )
        return True

    async def release(self, partner: str, at: datetime) -> int:
        """Let what waits be due at once."""
        waiting = [
            record
            for record in self._state.deliveries.values()
            if record.partner == partner
            and record.state is DeliveryState.QUEUED
            and (record.next_attempt_at or at) > at
        ]
        for record in waiting:
            self._state.deliveries[record.id] = replace(record, next_attempt_at=at)
        return len(waiting)

    async def expire(
        self, *, created_before: datetime, at: datetime, only: str, beside: Sequence[str], limit: int
    ) -> list[DeliveryRecord]:
        """Give up what was queued before a moment."""
        overdue = [
            record
            for record in self._state.deliveries.values()
            if record.state is DeliveryState.QUEUED
            and record.deadline_from < created_before
            and (record.partner == only if only else record.partner not in beside)
        ]
        overdue.sort(key=lambda record: (record.partner, record.created_at, record.id))
        for record in overdue[:limit]:
            self._state.deliveries[record.id] = replace(
                record, state=DeliveryState.NO_RECEIPT, next_attempt_at=None, settled_at=at
            )
        return overdue[:limit]

    async def unfinished(self, at: datetime) -> Unfinished:
        """What is not settled at a moment."""
        states = [record.state for record in self._state.deliveries.values()]
        ends = [
            record.next_attempt_at
            for record in self._state.deliveries.values()
            if record.state is DeliveryState.SENDING and record.next_attempt_at
        ]
        running = [end for end in ends if end > at]
        return Unfinished(
            states.count(DeliveryState.QUEUED),
            states.count(DeliveryState.WAITING),
            len(running),
            max(running, default=None),
            len(ends) - len(running),
        )

    async def unsettled(self) -> dict[tuple[str, DeliveryState], int]:
        """How many wait or are on their way."""
        return Counter(
            (record.partner, record.state)
            for record in self._state.deliveries.values()
            if not record.state.settled
        )

    async def backlog(self) -> list[Backlog]:
        """What is not over."""
        kinds: dict[tuple[str, DeliveryState], list[datetime]] = {}
        for record in self._state.deliveries.values():
            if not record.state.settled or record.state in DEAD_LETTERS:
                since = record.requeued_at or record.created_at
                kinds.setdefault((record.partner, record.state), []).append(since)
        return [Backlog(partner, state, len(all_), min(all_)) for (partner, state), all_ in kinds.items()]

    async def get(self, delivery_id: str) -> DeliveryRecord | None:
        """One delivery."""
        return self._state.deliveries.get(delivery_id)

    async def attempts(self, delivery_id: str) -> list[Attempt]:
        """All attempts of one delivery, oldest first."""
        return [attempt for attempt in self._state.attempts if attempt.delivery_id == delivery_id]

    async def search(self, query: DeliveryQuery) -> list[DeliveryRecord]:
        """Matching deliveries, in the order that is asked for."""
        found = [
            record
            for record in self._state.deliveries.values()
            if (not query.ids or record.id in query.ids)
            and query.message_id in ("", record.message_id)
            and query.partner in ("", record.partner)
            and (not query.states or record.state in query.states)
            and query.error_code in ("", record.error_code)
            and (query.created_before is None or record.created_at < query.created_before)
            and (query.created_since is None or record.created_at >= query.created_since)
            and query.issuer in ("", record.permit.issuer)
            and query.number in ("", record.permit.number)
            and (query.authority is None or query.authority in (record.sender, record.recipient))
            and concerns(record, query.within)
            and (not query.up_to or record.id <= query.up_to)
            and (query.as_of is None or (record.settled_at or query.as_of) <= query.as_of)
            and (query.as_of is None or (record.requeued_at or query.as_of) <= query.as_of)
            and (not query.after or (record.id < query.after) is query.newest_first)
            and record.id != query.after
        ]
        return sorted(found, key=lambda record: record.id, reverse=query.newest_first)[: query.limit]

    async def change(
        self, records: Sequence[DeliveryRecord], *, only_in: Collection[DeliveryState]
    ) -> frozenset[str]:
        """Write what an operator decided, where the state still allows it."""
        changed = set()
        for record in records:
            known = self._state.deliveries.get(record.id)
            if known is not None and known.state in only_in:
                self._state.deliveries[record.id] = replace(
                    known,
                    state=record.state,
                    next_attempt_at=record.next_attempt_at,
                    settled_at=record.settled_at,
                    requeued_at=record.requeued_at,
                )
                changed.add(record.id)
        return frozenset(changed)

    async def of_conversation(self, conversation_id: str) -> list[DeliveryRecord]:
        """The deliveries of one submission, oldest first."""
        found = [d for d in self._state.deliveries.values() if d.conversation_id == conversation_id]
        return sorted(found, key=lambda record: record.id)

    def _waiting(self, room: Room) -> Iterable[tuple[datetime, DeliveryRecord]]:
        """Deliveries that have a next moment and whose partner has room."""
        for record in self._state.deliveries.values():
            if record.next_attempt_at is not None and record.partner not in room.full:
                yield record.next_attempt_at, record
