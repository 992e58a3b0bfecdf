"""
What flows need from the world, as Protocols.

`storage/` and `transport/` fulfil them without knowing them; tests fulfil them in memory.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar, TypeVarTuple

from cryptography import x509

from gateway.exchange import breaker
from gateway.exchange.breaker import BreakerPolicy
from gateway.exchange.directory import Directory, Partner
from gateway.exchange.freshness import FRESH, FreshnessPolicy
from gateway.exchange.mailbox import MailboxPage
from gateway.exchange.retry import RetryPolicy
from gateway.exchange.webhooks import Parcel, Webhook
from gateway.flows.alert_store import Alerts
from gateway.flows.bells import MailboxBells
from gateway.flows.desk import AT_ONCE
from gateway.flows.event_store import Events
from gateway.flows.figures_store import Figures
from gateway.flows.guesses import Guesses
from gateway.flows.hashing import Hashing
from gateway.flows.holding_store import Holdings
from gateway.flows.log_tree import LogTree
from gateway.flows.notice_store import Notices
from gateway.flows.people_store import People, Sessions, SignIns
from gateway.flows.proposal_store import Proposals
from gateway.flows.search_places import SearchPlaces
from gateway.flows.search_store import Searches
from gateway.flows.standards import STANDARD, Standards
from gateway.flows.stores import (
    Deliveries,
    Health,
    Inboxes,
    Log,
    Mailboxes,
    Messages,
    Permits,
    Submissions,
    Tokens,
)
from gateway.flows.token_store import PermitTokens
from gateway.people.settings import PeopleSettings
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.token_id import TokenPolicy
from gateway.permits.writing_off import UsePolicy
from gateway.signatures.in_use import InUse
from gateway.signatures.keyring import Keyring, TrustStore
from gateway.signatures.policy import DEFAULT_POLICY, SignaturePolicy
from gateway.signatures.revocation import NO_LISTS, Revocations
from gateway.telemetry.metrics import Metrics

Given = TypeVarTuple("Given")
Result = TypeVar("Result")


class Transaction(Protocol):
    """Everything that is written here is written together, or not at all."""

    @property
    def permits(self) -> Permits: ...  # noqa: D102 - see the class
    @property
    def holdings(self) -> Holdings: ...  # noqa: D102
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
    def people(self) -> People: ...  # noqa: D102
    @property
    def sessions(self) -> Sessions: ...  # noqa: D102
    @property
    def sign_ins(self) -> SignIns: ...  # noqa: D102
    @property
    def proposals(self) -> Proposals: ...  # noqa: D102
    @property
    def alerts(self) -> Alerts: ...  # noqa: D102
    @property
    def log(self) -> Log: ...  # noqa: D102
    @property
    def searches(self) -> Searches: ...  # noqa: D102
    @property
    def log_tree(self) -> LogTree: ...  # noqa: D102
    @property
    def figures(self) -> Figures: ...  # noqa: D102


class Storage(Protocol):
    """The database."""

    def write(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that is durable once the block is left without an error."""

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """A consistent view; nothing may be written through it."""

    async def size(self) -> int:
        """How many bytes it has on its disk."""

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


class CheckpointKeeper(Protocol):
    """Where checkpoints are kept beside the database, so that one that was rewritten as a whole is found."""

    def append(self, note: bytes) -> None:
        """Keep one more; raises `StorageError` when that is not possible."""

    def read(self) -> bytes:
        """Everything that was kept, one behind the other; nothing when there is none yet."""


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
    certificates: Callable[[], Iterable[InUse]] = tuple
    """Every certificate on which we rely; it may look at files, so it is called beside the event loop."""
    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    """Where events are pushed to, by the name under which deliveries know it."""
    desk: Desk = AT_ONCE
    """Where documents are examined; beside the event loop when one serves."""
    searches: SearchPlaces = field(default_factory=SearchPlaces)
    """Searches in the message log that run at this moment."""
    metrics: Metrics = field(default_factory=Metrics)
    """What is counted and measured."""
    checkpoints: CheckpointKeeper | None = None
    """Where checkpoints of the message log are kept beside the database; None where nobody does."""
    people: PeopleSettings = field(default_factory=PeopleSettings)
    """How people come in to the console."""
    hashing: Hashing = field(default_factory=Hashing)
    """Where passwords are hashed, beside the event loop."""


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
    headers: Mapping[str, str] = field(default_factory=dict)
    """What the envelope says about its way: sender, recipient, conversation, when it was sent."""
