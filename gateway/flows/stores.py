"""The stores of one transaction, as Protocols; notices, events and tokens of permits have their own files."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from gateway.codec.registry import SealedPermit
from gateway.exchange.breaker import PartnerHealth
from gateway.exchange.claiming import Backlog, Claimed, Unfinished
from gateway.exchange.delivery import DeliveryState, Room, Step
from gateway.exchange.delivery_query import DeliveryQuery
from gateway.exchange.grants import Grant
from gateway.exchange.mailbox import MailboxHeader
from gateway.exchange.message_query import MessageQuery, MessageSummary
from gateway.exchange.records import (
    Attempt,
    DeliveryRecord,
    Direction,
    InboxItem,
    MessageRecord,
    Submission,
)
from gateway.messagelog.entry import Entry
from gateway.messagelog.query import LogQuery
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.record import PermitRecord
from gateway.permits.scopes import Scope


class Permits(Protocol):
    """Sealed permits."""

    async def add(self, sealed: SealedPermit, *, digest: str, new_id: str, at: datetime) -> PermitRecord:
        """
        Keep a permit; the record that stands is returned, also when it was there already.

        Raises `PermitNumberTaken` when the issuer has another document under that number.
        """

    async def find(self, ref: PermitRef) -> PermitRecord | None:
        """The permit with that issuer and number."""


class Messages(Protocol):
    """Envelopes, in both directions."""

    async def add(self, record: MessageRecord) -> bool:
        """Keep an envelope; False, and nothing kept, when sender and id are known in that direction."""

    async def change_outcome(self, record: MessageRecord) -> None:
        """Write the outcome and the findings of a message that was kept in this transaction."""

    async def find(self, direction: Direction, sender: AuthorityId, message_id: str) -> MessageRecord | None:
        """The message with that sender and id."""

    async def keep_receipt(self, record: MessageRecord, receipt: bytes) -> bytes:
        """Keep a receipt unless there is one; the one that stands is returned."""

    async def search(self, query: MessageQuery) -> list[MessageSummary]:
        """Matching messages without their bytes, newest first."""


class Deliveries(Protocol):
    """Messages on their way."""

    async def add(self, records: Sequence[DeliveryRecord]) -> None:
        """Queue deliveries, or note those that are done already."""

    async def moment(self, ours: datetime) -> datetime:
        """
        The time by which leases go, the same for all processes that share this storage.

        `ours` is that of this process; where there is no other machine it is the answer.
        """

    async def claim(
        self, *, at: datetime, lease_until: datetime, worker: str, limit: int, room: Room
    ) -> Claimed:
        """Take due deliveries for one worker, no more per partner than there is room for it and its bytes."""

    async def extend(
        self, delivery_ids: Sequence[str], *, worker: str, lease_until: datetime
    ) -> frozenset[str]:
        """Let leases end later; the ids of those that the worker still had, the others are left alone."""

    async def cut_leases(self, *, ending_after: datetime, lease_until: datetime) -> int:
        """Let leases that end after a moment end at another one, whoever has them; returns how many."""

    async def next_due(self, room: Room) -> datetime | None:
        """When the next delivery that has room becomes due or loses its lease; None when nothing waits."""

    async def settle(
        self, record: DeliveryRecord, step: Step, attempt: Attempt, *, worker: str, code: str, error: str
    ) -> bool:
        """Write what became of an attempt; False when the lease was lost to another worker."""

    async def release(self, partner: str, at: datetime) -> int:
        """Let what waits for its next attempt to a partner be due at once; returns how many."""

    async def expire(
        self, *, created_before: datetime, at: datetime, only: str, beside: Sequence[str], limit: int
    ) -> list[DeliveryRecord]:
        """
        Give up what was queued before a moment and has no receipt; returns it as it was.

        For the partner `only`, or when that is empty for all but those of `beside`.
        """

    async def unfinished(self, at: datetime) -> Unfinished:
        """What is not settled at a moment, for the one who starts a process."""

    async def unsettled(self) -> Mapping[tuple[str, DeliveryState], int]:
        """How many deliveries wait or are on their way, by partner and state, where there are any."""

    async def backlog(self) -> list[Backlog]:
        """What waits, is on its way, or waits for an operator, by partner and state, where there is any."""

    async def get(self, delivery_id: str) -> DeliveryRecord | None:
        """One delivery."""

    async def search(self, query: DeliveryQuery) -> list[DeliveryRecord]:
        """Matching deliveries, oldest first unless the query says otherwise."""

    async def change(
        self, records: Sequence[DeliveryRecord], *, only_in: Collection[DeliveryState]
    ) -> frozenset[str]:
        """
        Write state, next attempt and deadline of deliveries; the ids of those that were changed.

        One whose state is not in `only_in` by now, because somebody was quicker, stays as it is.
        """

    async def attempts(self, delivery_id: str) -> list[Attempt]:
        """All attempts of one delivery, oldest first."""

    async def of_conversation(self, conversation_id: str) -> list[DeliveryRecord]:
        """The deliveries of one submission, oldest first."""


class Mailboxes(Protocol):
    """Messages that wait until their partner collects them."""

    async def waiting(self, partner: str, *, after: str, limit: int) -> list[MailboxHeader]:
        """What is not yet acknowledged, oldest first, after the message with the cursor `after`."""

    async def find(self, partner: str, message_id: str) -> DeliveryRecord | None:
        """The delivery of one message to that partner, also when it has left the box."""

    async def settle(
        self, record: DeliveryRecord, step: Step, attempt: Attempt, *, code: str, error: str
    ) -> bool:
        """Write what a receipt says of a message in the box; False, and nothing, when it has left the box."""

    async def release(self, keepers: Collection[str], at: datetime) -> int:
        """Send what waits for any other partner than `keepers`: those have no mailbox any more. How many."""


class Health(Protocol):
    """How partners answer."""

    async def get(self, partner: str) -> PartnerHealth:
        """The health of one partner; that of one of whom nothing is known yet is perfect."""

    async def all(self) -> Mapping[str, PartnerHealth]:
        """Of every partner of whom something is known, by id."""

    async def put(self, health: PartnerHealth) -> None:
        """Write the health of one partner; of two that write at once the last one stands."""


class Inboxes(Protocol):
    """Permits that wait for authorities hosted here."""

    async def put(self, items: Sequence[InboxItem]) -> frozenset[str]:
        """Hand over; the ids of the new ones: an authority that had a permit before does not get it again."""

    async def waiting(self, authority: AuthorityId, *, after: str, limit: int) -> list[InboxItem]:
        """What is not yet acknowledged, oldest first, after the item with id `after`."""

    async def get(self, authority: AuthorityId, item_id: str) -> tuple[InboxItem, bytes] | None:
        """One item with the permit's original bytes."""

    async def acknowledge(self, authority: AuthorityId, item_id: str, at: datetime) -> InboxItem | None:
        """Mark an item as taken; acknowledging again changes nothing."""


class Submissions(Protocol):
    """What authorities' own systems handed over."""

    async def add(self, submission: Submission) -> bool:
        """Keep a submission; False, and nothing kept, when its key was used before."""

    async def by_key(self, authority: AuthorityId, idempotency_key: str) -> Submission | None:
        """The submission made under that key."""

    async def by_id(self, authority: AuthorityId, submission_id: str) -> Submission | None:
        """The submission with that id."""

    async def by_permit(self, authority: AuthorityId, permit: PermitRef) -> Submission | None:
        """The first submission of that permit."""


class Tokens(Protocol):
    """Bearer tokens, hashed."""

    async def add(
        self,
        token: str,
        authority: AuthorityId,
        at: datetime,
        *,
        wanted: frozenset[Scope] | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        """Keep the hash of a token for one authority; raises `ValueError` for one that opens nothing."""

    async def add_for_partner(
        self, token: str, partner: str, at: datetime, *, expires_at: datetime | None = None
    ) -> None:
        """Keep the hash of a token with which a partner opens its mailbox."""

    async def find(self, token_hash: str) -> Grant | None:
        """What is known of the token with that hash, expired or not."""

    async def note_use(self, token_hash: str, day: date) -> None:
        """It was used on a day (UTC)."""

    async def all(self) -> list[Grant]:
        """Every token, by holder, the oldest first."""

    async def revoke(self, token_hash: str) -> None:
        """Forget it."""


class Log(Protocol):
    """The message log."""

    async def append(self, *entries: Entry) -> None:
        """Write entries."""

    async def search(self, query: LogQuery, *, seconds: float | None = None) -> list[Entry]:
        """
        Matching entries, newest first.

        Raises `SearchTooSlow` when it takes longer than `seconds`.
        """

    async def count(self, query: LogQuery) -> int:
        """How many entries match, from the cursor on; all of them are looked at."""

    async def unerased(self, before: datetime, *, after: str, limit: int) -> list[Entry]:
        """Entries from before a moment whose words are still there, oldest first, after the id `after`."""

    async def erase(self, entry_ids: Collection[str], at: datetime) -> int:
        """
        Erase the words of entries: actor, permit, request, detail, headers and salt; returns how many.

        What stays is what their leaves say too. One that is erased already stays as it is.
        """
