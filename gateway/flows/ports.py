"""
What flows need from the world, as Protocols.

`storage/` and `transport/` fulfil them without knowing them; tests fulfil them in memory.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, TypeVar, TypeVarTuple

from cryptography import x509

from gateway.codec.registry import SealedPermit
from gateway.exchange import breaker
from gateway.exchange.breaker import BreakerPolicy, PartnerHealth
from gateway.exchange.claiming import Claimed, Unfinished
from gateway.exchange.delivery import DeliveryState, Room, Step
from gateway.exchange.delivery_query import DeliveryQuery
from gateway.exchange.directory import Directory, Partner
from gateway.exchange.freshness import FRESH, FreshnessPolicy
from gateway.exchange.grants import Grant
from gateway.exchange.mailbox import MailboxHeader, MailboxPage
from gateway.exchange.records import (
    Attempt,
    DeliveryRecord,
    Direction,
    InboxItem,
    MessageRecord,
    Submission,
)
from gateway.exchange.retry import RetryPolicy
from gateway.exchange.webhooks import Parcel, Webhook
from gateway.flows.bells import MailboxBells
from gateway.flows.desk import AT_ONCE
from gateway.flows.event_store import Events
from gateway.flows.guesses import Guesses
from gateway.flows.notice_store import Notices
from gateway.flows.standards import STANDARD, Standards
from gateway.flows.token_store import PermitTokens
from gateway.messagelog.entry import Entry
from gateway.messagelog.query import LogQuery
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.record import PermitRecord
from gateway.permits.token_id import TokenPolicy
from gateway.permits.writing_off import UsePolicy
from gateway.signatures.keyring import Keyring, TrustStore
from gateway.signatures.policy import DEFAULT_POLICY, SignaturePolicy
from gateway.signatures.revocation import NO_LISTS, Revocations
from gateway.telemetry.metrics import Metrics

Given = TypeVarTuple("Given")
Result = TypeVar("Result")


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

    async def get(self, delivery_id: str) -> DeliveryRecord | None:
        """One delivery."""

    async def search(self, query: DeliveryQuery) -> list[DeliveryRecord]:
        """Matching deliveries, oldest first."""

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

    async def search(self, query: LogQuery) -> list[Entry]:
        """Matching entries, newest first."""


class Transaction(Protocol):
    """Everything that is written here is written together, or not at all."""

    @property
    def permits(self) -> Permits: ...  # noqa: D102 - see the class
    @property
    def messages(self) -> Messages: ...  # noqa: D102
    @property
    def deliveries(self) -> Deliveries: ...  # noqa: D102
    @property
    def mailboxes(self) -> Mailboxes: ...  # noqa: D102
    @property
    def health(self) -> Health: ...  # noqa: D102
    @property
    def inboxes(self) -> Inboxes: ...  # noqa: D102
    @property
    def submissions(self) -> Submissions: ...  # noqa: D102
    @property
    def notices(self) -> Notices: ...  # noqa: D102
    @property
    def events(self) -> Events: ...  # noqa: D102
    @property
    def permit_tokens(self) -> PermitTokens: ...  # noqa: D102
    @property
    def tokens(self) -> Tokens: ...  # noqa: D102
    @property
    def log(self) -> Log: ...  # noqa: D102


class Storage(Protocol):
    """The database."""

    def write(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that is durable once the block is left without an error."""

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """A consistent view; nothing may be written through it."""

    async def listen(self, woken: Callable[[], None], filled: Callable[[str], None] | None = None) -> None:
        """
        Call `woken` whenever another process queued deliveries, until cancelled.

        `filled` is called with the partner whose mailbox another process put something into, and with an
        empty name when it may have been any. Where no other process can, it returns at once. A call may get
        lost, so nobody may rely on it alone.
        """


class Courier(Protocol):
    """Carries an envelope to a partner."""

    async def carry(self, partner: Partner, envelope: bytes) -> bytes:
        """
        Send and return the bytes of the answer.

        Raises `PartnerUnreachable` or `PartnerAnsweredWrongly`.
        """


class Pusher(Protocol):
    """Carries events to webhooks."""

    async def push(self, webhook: Webhook, parcel: Parcel, at: datetime) -> None:
        """
        Sign, send, and return when the receiver says that it has it.

        Raises `PartnerUnreachable`, `PartnerAnsweredWrongly` or `KeyMaterialError`.
        """


class Mailbox(Protocol):
    """The mailboxes that partners keep for us; each method raises what a `Courier` raises."""

    async def headers(self, partner: Partner, *, after: str, wait: float) -> MailboxPage:
        """What waits there after the cursor `after`; an empty mailbox answers after `wait` seconds."""

    async def fetch(self, partner: Partner, message_id: str) -> bytes:
        """One envelope; raises `NotFound` when it is not in the mailbox any more."""

    async def acknowledge(self, partner: Partner, message_id: str, receipt: bytes) -> None:
        """Hand over our receipt: the message leaves the mailbox."""


class ListSource(Protocol):
    """Where revocation lists are fetched."""

    async def fetch(self, url: str) -> bytes:
        """
        The bytes at an address.

        Raises `PartnerUnreachable` or `PartnerAnsweredWrongly`.
        """


class ListFolder(Protocol):
    """Where fetched revocation lists lie."""

    def get(self, url: str) -> bytes | None:
        """The list that was fetched from an address before, if there is one."""

    def put(self, url: str, data: bytes) -> None:
        """Keep a list in the place of the one before, all at once; raises `ConfigurationError`."""


class Desk(Protocol):
    """
    Where documents are examined, so that a large one does not keep everybody else waiting.

    What is handed in is pure: it touches no storage, and nothing that another caller changes meanwhile.
    """

    async def run(
        self, data: bytes, examine: Callable[[*Given], Result], *given: *Given, stranger: bool = False
    ) -> Result:
        """
        What `examine(*given)` returns or raises; `data` is the document that it is about.

        `stranger` is true as long as nobody has proven who sent it. Raises `GatewayBusy` when too many large
        documents wait.
        """


class Clock(Protocol):
    """Time and ids."""

    def now(self) -> datetime:
        """The present moment in UTC."""

    def new_id(self) -> str:
        """A UUIDv7."""


@dataclass(slots=True)
class Node:
    """
    Who we are and whom we know: what every flow of one gateway shares.

    `directory`, `trust`, `keys`, `policy` and `tls` are replaced, each as a whole, when the operator changes
    keys or partners (`loading/beliefs.py`).
    """

    directory: Directory
    trust: TrustStore
    keys: Keyring
    """The key of the gateway, which signs envelopes and receipts, and the seals of the authorities here."""
    storage: Storage
    clock: Clock
    retry: RetryPolicy
    """For partners without one of their own."""
    wake: Callable[[], None]
    """Tells the worker that there is something to do."""
    breaker: BreakerPolicy = breaker.STANDARD
    """When a partner counts as away."""
    standards: Standards = STANDARD
    """How documents are read and judged."""
    enquirer: Courier | None = None
    """Carries questions to other gateways while a caller waits; None where nobody asks."""
    enquiry_seconds: float = 5.0
    """For one question."""
    uses: Mapping[str, UsePolicy] = field(default_factory=dict)
    """How the permits of a Party are written off; one that is missing has the standard."""
    token_policies: Mapping[AuthorityId, TokenPolicy] = field(default_factory=dict)
    """Whether an authority gives its permits tokens (`flows/permit_token.py`); a missing one does not."""
    guesses: Guesses = field(default_factory=Guesses)
    """Wrong tokens that were given."""
    freshness: FreshnessPolicy = FRESH
    """How far the time of a new message may be from ours."""
    revocations: Revocations = NO_LISTS
    """Which certificates their issuers took back."""
    policy: SignaturePolicy = DEFAULT_POLICY
    """What signatures must look like, and for which share of them signxml is asked too."""
    tls: TrustStore = field(default_factory=lambda: TrustStore({}))
    """The TLS certificates that partners must show when they call us; a partner without any need not."""
    mailboxes: MailboxBells = field(default_factory=MailboxBells)
    """Partners that wait for something in their mailbox here, and authorities that wait for an event."""
    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    """Where events are pushed to, by the name under which deliveries know it."""
    desk: Desk = AT_ONCE
    """Where documents are examined; beside the event loop when one serves."""
    metrics: Metrics = field(default_factory=Metrics)
    """What is counted and measured."""


@dataclass(slots=True)
class Trail:
    """
    What is known so far about who asked and what came.

    A flow fills it as it goes; when it fails, whoever logs the refusal knows as much as the flow did.
    """

    actor: str = "stranger"
    partner: str = ""
    authority: str = ""
    message_id: str = ""
    permit: PermitRef | None = None
    digest: str = ""
    correlation_id: str = ""
    """The id that the caller saw in the answer."""
    tls: x509.Certificate | None = None
    """The certificate with which the caller connected, whose key it has proven to hold."""
    called: str = ""
    """The partner whose server we called, and knew by its TLS certificate, instead of being called."""
