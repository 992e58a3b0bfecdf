"""
The port `Storage` in memory: the same promises as the database, without a disk.

A transaction works on a copy of the state; only when its block is left without an error does the copy become
the state. One writer at a time, as with SQLite. A reader works on a copy that is thrown away.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from gateway.codec.registry import SealedPermit
from gateway.errors import MalformedRequest, PermitNumberTaken, StorageError
from gateway.exchange.breaker import PartnerHealth
from gateway.exchange.claiming import Claimed, Picking, Unfinished
from gateway.exchange.delivery import DeliveryState, Room, Step
from gateway.exchange.delivery_query import DeliveryQuery
from gateway.exchange.events import Event
from gateway.exchange.grants import Grant, new_grant
from gateway.exchange.mailbox import MailboxHeader, in_the_box
from gateway.exchange.notice_record import NoticeRecord
from gateway.exchange.records import (
    Attempt,
    DeliveryRecord,
    Direction,
    InboxItem,
    MessageRecord,
    Submission,
)
from gateway.messagelog.entry import Entry
from gateway.messagelog.kept import Head, KeptCheckpoint, LeafRow, Placed, Strays, Unplaced
from gateway.messagelog.query import LogQuery
from gateway.messagelog.tiles import TileId
from gateway.permits.days import in_utc
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.notices import Endorsement, StatusChange
from gateway.permits.record import HeldPermit, PermitRecord
from gateway.permits.scopes import Scope
from gateway.permits.token_id import TokenHash
from support.log_filter import erased, matches

MessageKey = tuple[Direction, AuthorityId, str]


@dataclass(slots=True)
class State:
    """Everything that is kept; records never change, so a shallow copy of each table is a full copy."""

    permits: dict[PermitRef, PermitRecord] = field(default_factory=dict)
    messages: dict[MessageKey, MessageRecord] = field(default_factory=dict)
    deliveries: dict[str, DeliveryRecord] = field(default_factory=dict)
    leases: dict[str, str] = field(default_factory=dict)
    """Worker by delivery id; `next_attempt_at` of the delivery is then the end of the lease."""
    attempts: list[Attempt] = field(default_factory=list)
    health: dict[str, PartnerHealth] = field(default_factory=dict)
    inbox: dict[str, InboxItem] = field(default_factory=dict)
    submissions: dict[str, Submission] = field(default_factory=dict)
    notices: dict[tuple[AuthorityId, str], NoticeRecord] = field(default_factory=dict)
    viewers: dict[tuple[PermitRef, AuthorityId], datetime] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    permit_tokens: dict[PermitRef, TokenHash] = field(default_factory=dict)
    tokens: dict[str, Grant] = field(default_factory=dict)
    log: dict[str, Entry] = field(default_factory=dict)
    log_queue: dict[str, datetime] = field(default_factory=dict)
    log_leaves: dict[int, Placed] = field(default_factory=dict)
    log_tiles: dict[TileId, bytes] = field(default_factory=dict)
    log_checkpoints: dict[int, KeptCheckpoint] = field(default_factory=dict)
    log_head: Head | None = None

    def copy(self) -> "State":
        """A state that can be changed without changing this one."""
        return State(
            dict(self.permits),
            dict(self.messages),
            dict(self.deliveries),
            dict(self.leases),
            list(self.attempts),
            dict(self.health),
            dict(self.inbox),
            dict(self.submissions),
            dict(self.notices),
            dict(self.viewers),
            dict(self.events),
            dict(self.permit_tokens),
            dict(self.tokens),
            dict(self.log),
            dict(self.log_queue),
            dict(self.log_leaves),
            dict(self.log_tiles),
            dict(self.log_checkpoints),
            self.log_head,
        )


class MemoryPermits:
    """Fulfils the port `Permits`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def add(self, sealed: SealedPermit, *, digest: str, new_id: str, at: datetime) -> PermitRecord:
        """Keep a permit unless it is there."""
        permit = sealed.permit
        if permit.ref is None:
            raise MalformedRequest("a permit without issuer and number cannot be kept")
        known = self._state.permits.get(permit.ref)
        if known is not None:
            if known.digest != digest:
                raise PermitNumberTaken(
                    f"{permit.ref} is stored already as another document",
                    stored_digest=known.digest,
                    digest=digest,
                )
            return known
        record = PermitRecord(
            id=new_id,
            ref=permit.ref,
            version=sealed.version,
            type_code=permit.type_code,
            exporter=permit.exporter_country,
            importer=permit.importer_country,
            valid_until=in_utc(permit.valid_until) if permit.valid_until else None,
            digest=digest,
            original=sealed.document.original,
            received_at=at,
        )
        self._state.permits[record.ref] = record
        return record

    async def find(self, ref: PermitRef) -> PermitRecord | None:
        """The permit with that issuer and number."""
        return self._state.permits.get(ref)


class MemoryMessages:
    """Fulfils the port `Messages`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def add(self, record: MessageRecord) -> bool:
        """Keep an envelope unless it is there."""
        key = _key(record)
        if key in self._state.messages:
            return False
        self._state.messages[key] = record
        return True

    async def change_outcome(self, record: MessageRecord) -> None:
        """Write the outcome and the findings of a message that is kept."""
        known = self._state.messages[_key(record)]
        self._state.messages[_key(record)] = replace(known, outcome=record.outcome, findings=record.findings)

    async def find(self, direction: Direction, sender: AuthorityId, message_id: str) -> MessageRecord | None:
        """The message with that sender and id."""
        return self._state.messages.get((direction, sender, message_id))

    async def keep_receipt(self, record: MessageRecord, receipt: bytes) -> bytes:
        """Keep a receipt unless there is one."""
        known = self._state.messages.get(_key(record))
        if known is None:
            raise StorageError("a receipt for a message that is not kept")
        if known.receipt is None:
            self._state.messages[_key(record)] = replace(known, receipt=receipt)
            return receipt
        return known.receipt


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
        overdue.sort(key=lambda record: (record.next_attempt_at or at, record.id))
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

    async def get(self, delivery_id: str) -> DeliveryRecord | None:
        """One delivery."""
        return self._state.deliveries.get(delivery_id)

    async def attempts(self, delivery_id: str) -> list[Attempt]:
        """All attempts of one delivery, oldest first."""
        return [attempt for attempt in self._state.attempts if attempt.delivery_id == delivery_id]

    async def search(self, query: DeliveryQuery) -> list[DeliveryRecord]:
        """Matching deliveries, oldest first."""
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
            and record.id > query.after
        ]
        return sorted(found, key=lambda record: record.id)[: query.limit]

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


class MemoryHealth:
    """Fulfils the port `Health`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def get(self, partner: str) -> PartnerHealth:
        """The health of one partner."""
        return self._state.health.get(partner) or PartnerHealth(partner)

    async def all(self) -> dict[str, PartnerHealth]:
        """Of every partner of whom something is known."""
        return dict(self._state.health)

    async def put(self, health: PartnerHealth) -> None:
        """Write it."""
        self._state.health[health.partner] = health


class MemoryMailboxes:
    """Fulfils the port `Mailboxes`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def waiting(self, partner: str, *, after: str, limit: int) -> list[MailboxHeader]:
        """What is not yet acknowledged, oldest first."""
        found = [
            (record, self._state.messages[Direction.OUT, record.sender, record.message_id])
            for record in self._state.deliveries.values()
            if record.partner == partner
            and in_the_box(record)
            and record.id > after
            and (Direction.OUT, record.sender, record.message_id) in self._state.messages
        ]
        found.sort(key=lambda each: each[0].id)
        return [
            MailboxHeader(
                cursor=record.id,
                message_id=message.message_id,
                sender=str(message.sender),
                recipient=str(message.recipient),
                kind=message.kind.value,
                sent_at=message.sent_at,
                size=len(message.envelope),
                digest=message.envelope_digest,
            )
            for record, message in found[:limit]
        ]

    async def find(self, partner: str, message_id: str) -> DeliveryRecord | None:
        """The delivery of one message, also when it has left the box."""
        found = (
            d for d in self._state.deliveries.values() if (d.partner, d.message_id) == (partner, message_id)
        )
        return next(found, None)

    async def settle(
        self, record: DeliveryRecord, step: Step, attempt: Attempt, *, code: str, error: str
    ) -> bool:
        """Write what a receipt says of a message in the box, unless it has left it."""
        known = self._state.deliveries.get(record.id)
        if known is None or not in_the_box(known):
            return False
        self._state.attempts.append(attempt)
        self._state.leases.pop(record.id, None)
        self._state.deliveries[record.id] = replace(
            known,
            state=step.state,
            next_attempt_at=None,
            attempts=known.attempts + 1,
            settled_at=attempt.ended_at,
            error_code=code,
            error=error,
        )
        return True

    async def release(self, keepers: Collection[str], at: datetime) -> int:
        """Send what waits for partners that have no mailbox any more."""
        waiting = [d for d in self._state.deliveries.values() if d.state is DeliveryState.WAITING]
        released = [record for record in waiting if record.partner not in keepers]
        for record in released:
            self._state.deliveries[record.id] = replace(
                record, state=DeliveryState.QUEUED, next_attempt_at=at
            )
        return len(released)


class MemoryInboxes:
    """Fulfils the port `Inboxes`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def put(self, items: Sequence[InboxItem]) -> frozenset[str]:
        """Hand over, once per authority and permit; the ids of the new ones."""
        known = {(item.authority, item.permit_id) for item in self._state.inbox.values()}
        new = set()
        for item in items:
            if (item.authority, item.permit_id) not in known and item.id not in self._state.inbox:
                known.add((item.authority, item.permit_id))
                new.add(item.id)
                self._state.inbox[item.id] = item
        return frozenset(new)

    async def waiting(self, authority: AuthorityId, *, after: str, limit: int) -> list[InboxItem]:
        """What is not yet acknowledged, oldest first."""
        found = [
            item
            for item in self._state.inbox.values()
            if item.authority == authority and item.acknowledged_at is None and item.id > after
        ]
        return sorted(found, key=lambda item: item.id)[:limit]

    async def get(self, authority: AuthorityId, item_id: str) -> tuple[InboxItem, bytes] | None:
        """One item with the permit's original bytes."""
        item = self._state.inbox.get(item_id)
        if item is None or item.authority != authority:
            return None
        originals = {record.id: record.original for record in self._state.permits.values()}
        if item.permit_id not in originals:
            return None
        return item, originals[item.permit_id]

    async def acknowledge(self, authority: AuthorityId, item_id: str, at: datetime) -> InboxItem | None:
        """Mark an item as taken; the first time counts."""
        found = await self.get(authority, item_id)
        if found is None:
            return None
        item = found[0]
        if item.acknowledged_at is None:
            item = replace(item, acknowledged_at=at)
            self._state.inbox[item.id] = item
        return item


class MemorySubmissions:
    """Fulfils the port `Submissions`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def add(self, submission: Submission) -> bool:
        """Keep a submission unless its key was used before."""
        if submission.id in self._state.submissions:
            return False
        if await self.by_key(submission.authority, submission.idempotency_key) is not None:
            return False
        self._state.submissions[submission.id] = submission
        return True

    async def by_key(self, authority: AuthorityId, idempotency_key: str) -> Submission | None:
        """The submission made under that key."""
        return self._first(s for s in self._of(authority) if s.idempotency_key == idempotency_key)

    async def by_id(self, authority: AuthorityId, submission_id: str) -> Submission | None:
        """The submission with that id."""
        return self._first(s for s in self._of(authority) if s.id == submission_id)

    async def by_permit(self, authority: AuthorityId, permit: PermitRef) -> Submission | None:
        """The first submission of that permit."""
        return self._first(s for s in self._of(authority) if s.permit == permit)

    def _of(self, authority: AuthorityId) -> Iterable[Submission]:
        """All submissions of one authority."""
        return (s for s in self._state.submissions.values() if s.authority == authority)

    @staticmethod
    def _first(found: Iterable[Submission]) -> Submission | None:
        """The oldest."""
        return min(found, key=lambda submission: submission.id, default=None)


class MemoryNotices:
    """Fulfils the port `Notices`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def lock(self, ref: PermitRef) -> None:
        """One transaction writes at a time."""

    async def add(self, record: NoticeRecord) -> bool:
        """Keep a notice unless its id or its author's key is there."""
        key = record.idempotency_key
        if (record.notice.by, record.notice.id) in self._state.notices:
            return False
        if key and await self.by_key(record.notice.by, key) is not None:
            return False
        self._state.notices[record.notice.by, record.notice.id] = record
        return True

    async def get(self, author: AuthorityId, notice_id: str) -> NoticeRecord | None:
        """The notice of an author with that id."""
        return self._state.notices.get((author, notice_id))

    async def by_key(self, author: AuthorityId, key: str) -> NoticeRecord | None:
        """The notice that an author made under a key."""
        for record in self._state.notices.values():
            if key and (record.notice.by, record.idempotency_key) == (author, key):
                return record
        return None

    async def of_permit(self, ref: PermitRef) -> list[NoticeRecord]:
        """Every notice about a permit, by id."""
        found = (record for record in self._state.notices.values() if record.notice.permit == ref)
        return sorted(found, key=lambda record: (record.notice.id, str(record.notice.by)))

    async def changes_of(self, issuer: str) -> list[tuple[StatusChange, str]]:
        """Every change of status of a Party's permits, by id."""
        return [
            (record.notice, permit.importer if permit else "")
            for record in sorted(self._state.notices.values(), key=lambda record: record.notice.id)
            if isinstance(record.notice, StatusChange) and record.notice.permit.issuer == issuer
            for permit in [self._state.permits.get(record.notice.permit)]
        ]

    async def look(self, ref: PermitRef, viewer: AuthorityId, at: datetime) -> None:
        """An authority has asked about a permit."""
        self._state.viewers.setdefault((ref, viewer), at)

    async def viewers(self, ref: PermitRef) -> list[AuthorityId]:
        """Who has asked."""
        return sorted((viewer for seen, viewer in self._state.viewers if seen == ref), key=str)

    async def count_held(self, party: str) -> int:
        """How many permits concern a Party."""
        return len(self._concerning(party))

    async def held(self, party: str, *, after: PermitRef | None, limit: int) -> list[HeldPermit]:
        """A page of them with their notices."""
        found = [record for record in self._concerning(party) if after is None or record.ref > after]
        return [
            HeldPermit(
                record.ref,
                record.exporter,
                record.importer,
                record.valid_until,
                tuple(each.notice for each in await self.of_permit(record.ref)),
            )
            for record in found[:limit]
        ]

    async def missing(self, party: str, *, after: PermitRef | None, limit: int) -> list[PermitRef]:
        """A page of permits that are not here and that customs of a Party wrote off."""
        refs = {
            record.notice.permit
            for record in self._state.notices.values()
            if isinstance(record.notice, Endorsement) and record.notice.by.party == party
        }
        return sorted(ref for ref in refs - set(self._state.permits) if after is None or ref > after)[:limit]

    def _concerning(self, party: str) -> list[PermitRecord]:
        """Permits that a Party issued, or that name it."""
        found = (
            record
            for record in self._state.permits.values()
            if party in (record.ref.issuer, record.exporter, record.importer)
        )
        return sorted(found, key=lambda record: record.ref)


class MemoryEvents:
    """Fulfils the port `Events`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def add(self, events: Sequence[Event]) -> None:
        """Keep events."""
        for event in events:
            if event.id in self._state.events:
                raise StorageError(f"event {event.id} is there already")
            self._state.events[event.id] = event

    async def get(self, event_id: str) -> Event | None:
        """The event with that id."""
        return self._state.events.get(event_id)

    async def waiting(self, authority: AuthorityId, *, after: str, limit: int) -> list[Event]:
        """What is not yet acknowledged, oldest first."""
        found = [
            event
            for event in self._state.events.values()
            if event.authority == authority and event.acknowledged_at is None and event.id > after
        ]
        return sorted(found, key=lambda event: event.id)[:limit]

    async def acknowledge(
        self, authority: AuthorityId, event_ids: Collection[str], at: datetime
    ) -> frozenset[str]:
        """Mark events as taken; the first time counts."""
        mine = [event for event in self._state.events.values() if event.authority == authority]
        found = [event for event in mine if event.id in event_ids]
        for event in found:
            if event.acknowledged_at is None:
                self._state.events[event.id] = replace(event, acknowledged_at=at)
        return frozenset(event.id for event in found)


class MemoryPermitTokens:
    """Fulfils the port `PermitTokens`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def add(self, ref: PermitRef, kept: TokenHash, at: datetime) -> bool:
        """Keep the hash of a permit's token; False, and nothing kept, when it has one."""
        return self._state.permit_tokens.setdefault(ref, kept) is kept

    async def find(self, ref: PermitRef) -> TokenHash | None:
        """The hash of a permit's token; None when it has none."""
        return self._state.permit_tokens.get(ref)


class MemoryTokens:
    """Fulfils the port `Tokens`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def add(
        self,
        token: str,
        authority: AuthorityId,
        at: datetime,
        *,
        wanted: frozenset[Scope] | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        """Keep the hash of a token for one authority."""
        self._keep(new_grant(_hash(token), authority, at, wanted, expires_at))

    async def add_for_partner(
        self, token: str, partner: str, at: datetime, *, expires_at: datetime | None = None
    ) -> None:
        """Keep the hash of a token with which a partner opens its mailbox."""
        self._keep(Grant(_hash(token), None, partner, at, expires_at=expires_at))

    def _keep(self, grant: Grant) -> None:
        """Keep one."""
        self._state.tokens[grant.token_hash] = grant

    async def find(self, token_hash: str) -> Grant | None:
        """What is known of the token with that hash."""
        return self._state.tokens.get(token_hash)

    async def note_use(self, token_hash: str, day: date) -> None:
        """It was used on a day."""
        if token_hash in self._state.tokens:
            self._keep(replace(self._state.tokens[token_hash], last_used_on=day))

    async def all(self) -> list[Grant]:
        """Every token, by holder, the oldest first."""
        return sorted(
            self._state.tokens.values(),
            key=lambda each: (str(each.authority or ""), each.partner, each.created_at, each.token_hash),
        )

    async def revoke(self, token_hash: str) -> None:
        """Forget it."""
        self._state.tokens.pop(token_hash, None)


def _hash(token: str) -> str:
    """As the real table keeps it."""
    return hashlib.sha256(token.encode()).hexdigest()


class MemoryLog:
    """Fulfils the port `Log`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def append(self, *entries: Entry) -> None:
        """Write entries."""
        for entry in entries:
            if entry.id in self._state.log:
                raise StorageError(f"entry {entry.id} is there already")
            self._state.log[entry.id] = entry
            self._state.log_queue[entry.id] = entry.at

    async def search(self, query: LogQuery, *, seconds: float | None = None) -> list[Entry]:
        """Matching entries, newest first."""
        found = [entry for entry in self._state.log.values() if matches(entry, query)]
        return sorted(found, key=lambda entry: entry.id, reverse=True)[: query.limit]

    async def count(self, query: LogQuery) -> int:
        """How many match."""
        return sum(matches(entry, query) for entry in self._state.log.values())

    async def unerased(self, before: datetime, *, after: str, limit: int) -> list[Entry]:
        """Entries whose words are still there."""
        found = [
            entry
            for entry in self._state.log.values()
            if entry.at < before and entry.id > after and entry.erased_at is None
        ]
        return sorted(found, key=lambda entry: entry.id)[:limit]

    async def erase(self, entry_ids: Collection[str], at: datetime) -> int:
        """Erase the words of entries."""
        log = self._state.log
        wanted = [each for each in entry_ids if each in log and log[each].erased_at is None]
        log.update({each: erased(log[each], at) for each in wanted})
        return len(wanted)


class MemoryLogTree:
    """Fulfils the port `LogTree`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def head(self) -> Head | None:
        """What the log knows about itself."""
        return self._state.log_head

    async def lock(self, born: Head, *, wait: bool) -> Head | None:
        """The head; transactions that write are alone here."""
        self._state.log_head = self._state.log_head or born
        return self._state.log_head

    async def unplaced(self) -> Unplaced:
        """What waits for its place."""
        queue = self._state.log_queue
        return Unplaced(len(queue), min(queue.values(), default=None))

    async def next_entries(self, limit: int) -> list[Entry]:
        """The entries that get the next places, the oldest first."""
        state, placed = self._state, self._have_places()
        waiting = sorted(each for each in state.log_queue if each in state.log and each not in placed)
        return [state.log[each] for each in waiting[:limit]]

    async def entry(self, entry_id: str) -> Entry | None:
        """One entry."""
        return self._state.log.get(entry_id)

    async def place(self, head: Head, leaves: Sequence[Placed], tiles: Mapping[TileId, bytes]) -> None:
        """Give entries their places."""
        for leaf in leaves:
            if leaf.seq in self._state.log_leaves:
                raise StorageError(f"place {leaf.seq} is taken")
            self._state.log_leaves[leaf.seq] = leaf
            self._state.log_queue.pop(leaf.entry_id, None)
        self._state.log_tiles.update(tiles)
        self._state.log_head = head

    async def tiles(self, wanted: Collection[TileId]) -> dict[TileId, bytes]:
        """Tiles by their ids."""
        return {tile: self._state.log_tiles[tile] for tile in wanted if tile in self._state.log_tiles}

    async def keep_checkpoint(self, head: Head, checkpoint: KeptCheckpoint) -> None:
        """Keep a checkpoint."""
        if checkpoint.number in self._state.log_checkpoints:
            raise StorageError(f"checkpoint {checkpoint.number} is there already")
        self._state.log_checkpoints[checkpoint.number] = checkpoint
        self._state.log_head = head

    async def last_checkpoint(self) -> KeptCheckpoint | None:
        """The latest one."""
        return max(self._state.log_checkpoints.values(), key=lambda each: each.number, default=None)

    async def checkpoint_over(self, size: int) -> KeptCheckpoint | None:
        """The first one over at least so many entries."""
        found = [each for each in self._state.log_checkpoints.values() if each.size >= size]
        return min(found, key=lambda each: (each.size, each.number), default=None)

    async def checkpoints(self, after: int, limit: int) -> list[KeptCheckpoint]:
        """Those whose number is higher than `after`."""
        numbers = sorted(number for number in self._state.log_checkpoints if number > after)
        return [self._state.log_checkpoints[number] for number in numbers[:limit]]

    async def placed(self, entry_ids: Collection[str]) -> list[Placed]:
        """The places of entries, in their order."""
        found = [each for each in self._state.log_leaves.values() if each.entry_id in entry_ids]
        return sorted(found, key=lambda each: each.seq)

    async def rows(self, after: int, limit: int) -> list[LeafRow]:
        """Leaves with their entries, in their order."""
        places = sorted(seq for seq in self._state.log_leaves if seq > after)
        found = [self._state.log_leaves[seq] for seq in places[:limit]]
        return [self._row(placed) for placed in found]

    def _row(self, placed: Placed) -> LeafRow:
        """A leaf with its entry."""
        entry = self._state.log.get(placed.entry_id)
        return LeafRow(placed, entry, entry is None or entry.erased_at is None)

    async def count_tiles(self) -> int:
        """How many tiles are kept."""
        return len(self._state.log_tiles)

    async def strays(self, after: str, limit: int) -> Strays:
        """Entries that have no place and do not wait for one."""
        page = sorted(each for each in self._state.log if each > after)[:limit]
        known = self._have_places() | set(self._state.log_queue)
        return Strays(page[-1] if page else "", len(page), tuple(each for each in page if each not in known))

    async def placed_twice(self, limit: int) -> list[str]:
        """Entries that have more than one place."""
        found = Counter(each.entry_id for each in self._state.log_leaves.values())
        return sorted(each for each, count in found.items() if count > 1)[:limit]

    async def false_waiting(self, limit: int) -> list[str]:
        """Ids that wait for nothing."""
        placed = self._have_places()
        wrong = [each for each in self._state.log_queue if each not in self._state.log or each in placed]
        return sorted(wrong)[:limit]

    def _have_places(self) -> set[str]:
        """Entries that have a place."""
        return {each.entry_id for each in self._state.log_leaves.values()}


class MemoryTransaction:
    """Fulfils the port `Transaction`."""

    def __init__(self, state: State) -> None:
        """Every store works on the same copy of the state."""
        self.permits = MemoryPermits(state)
        self.messages = MemoryMessages(state)
        self.deliveries = MemoryDeliveries(state)
        self.health = MemoryHealth(state)
        self.mailboxes = MemoryMailboxes(state)
        self.inboxes = MemoryInboxes(state)
        self.submissions = MemorySubmissions(state)
        self.notices = MemoryNotices(state)
        self.events = MemoryEvents(state)
        self.permit_tokens = MemoryPermitTokens(state)
        self.tokens = MemoryTokens(state)
        self.log = MemoryLog(state)
        self.log_tree = MemoryLogTree(state)


class MemoryStorage:
    """
    Fulfils the port `Storage`.

    `fail_next_writes` counts down: so many transactions fail at the moment of their commit, as on a full
    disk; nothing of them is kept. `commits` counts those that succeeded.
    """

    def __init__(self) -> None:
        """Empty."""
        self.state = State()
        self.fail_next_writes = 0
        self.commits = 0
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[MemoryTransaction]:
        """A transaction that is kept once the block is left without an error."""
        async with self._turn:
            copy = self.state.copy()
            yield MemoryTransaction(copy)
            if self.fail_next_writes:
                self.fail_next_writes -= 1
                raise StorageError("the database failed: a test asked for it")
            self.state = copy
            self.commits += 1

    @asynccontextmanager
    async def read(self) -> AsyncIterator[MemoryTransaction]:
        """A consistent view; what is written through it is lost."""
        yield MemoryTransaction(self.state.copy())

    async def listen(self, woken: Callable[[], None], filled: Callable[[str], None] | None = None) -> None:
        """Nobody else can queue anything."""

    async def close(self) -> None:
        """Nothing to give back."""


def _key(record: MessageRecord) -> MessageKey:
    """Under which a message is kept."""
    return record.direction, record.sender, record.message_id
