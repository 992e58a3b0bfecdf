"""What is kept about messages, deliveries and inboxes: the shapes that flows and storage share."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.exchange.delivery import DeliveryState
from gateway.exchange.message import Kind
from gateway.exchange.receipts import Outcome
from gateway.permits.findings import Finding
from gateway.permits.identity import AuthorityId, PermitRef


class Direction(StrEnum):
    """Which way a message travels."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """One envelope, received or to be sent, with what is known of its fate."""

    direction: Direction
    message_id: str
    conversation_id: str
    sender: AuthorityId
    recipient: AuthorityId
    partner: str
    """The gateway that sent it, or to which it goes."""
    permit: PermitRef
    sent_at: datetime
    recorded_at: datetime
    """When it was received, or queued for sending."""
    envelope: bytes
    """The bytes exactly as they came, or as they are sent at every attempt."""
    envelope_digest: str
    payload_digest: str
    outcome: Outcome | None = None
    """What we answered (IN); None for OUT until a receipt is there."""
    findings: tuple[Finding, ...] = ()
    receipt: bytes | None = None
    """Ours (IN) or the partner's (OUT), as signed bytes."""
    kind: Kind = Kind.PERMIT


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """One message on its way to one recipient."""

    id: str
    """UUIDv7."""
    conversation_id: str
    """Shared with the submission and with the message."""
    sender: AuthorityId
    recipient: AuthorityId
    partner: str
    """Empty when the recipient is hosted here."""
    message_id: str
    """Empty when no envelope is needed."""
    permit: PermitRef
    state: DeliveryState
    created_at: datetime
    attempts: int = 0
    next_attempt_at: datetime | None = None
    settled_at: datetime | None = None
    error_code: str = ""
    error: str = ""
    """Why the last attempt failed, or why the receiver refused."""
    requeued_at: datetime | None = None
    """When an operator sent it again; the deadline counts from then."""
    size: int = field(default=0, compare=False)
    """Bytes of its envelope; known of what a worker has claimed, else 0."""

    @property
    def deadline_from(self) -> datetime:
        """The moment from which the deadline counts."""
        return self.requeued_at or self.created_at


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver."""

    delivery_id: str
    started_at: datetime
    seconds: float
    address: str
    outcome: str
    """A delivery state, or the code of an error."""
    error: str = ""

    @property
    def ended_at(self) -> datetime:
        """When the attempt had its outcome."""
        return self.started_at + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class InboxItem:
    """A permit that waits for an authority hosted here."""

    id: str
    """UUIDv7; what the authority's own system sees and may use to recognise a repetition."""
    authority: AuthorityId
    permit: PermitRef
    permit_id: str
    sender: AuthorityId
    digest: str
    arrived_at: datetime
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A permit that an authority's own system handed over, and the key under which it may do so again."""

    id: str
    """UUIDv7; also the conversation id of the messages that follow."""
    authority: AuthorityId
    idempotency_key: str
    request_digest: str
    """SHA-256 in hex of the body as it came."""
    permit: PermitRef
    digest: str
    """SHA-256 in hex of the sealed permit."""
    created_at: datetime
    findings: tuple[Finding, ...] = ()
