"""What somebody looks for among messages, and what a list of them shows."""

from dataclasses import dataclass
from datetime import datetime

from gateway.errors import MalformedRequest
from gateway.exchange.message import Kind
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import Direction
from gateway.permits.identity import AuthorityId, PermitRef


@dataclass(frozen=True, slots=True)
class MessagePlace:
    """Where a message stands among all, by the time at which it was recorded; the cursor of a list."""

    recorded_at: datetime
    key: str
    """Direction, sender and id: tells messages of one moment apart."""

    def __str__(self) -> str:
        """As it stands in an address."""
        return f"{self.recorded_at.isoformat()}~{self.key}"

    @classmethod
    def parse(cls, text: str) -> "MessagePlace":
        """Read what `str` wrote; raises `MalformedRequest` for anything else."""
        moment, _, key = text.partition("~")
        try:
            at = datetime.fromisoformat(moment)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise MalformedRequest(
                "this is no place in a list of messages", advice="begin with the first page again"
            )
        return cls(at, key)


@dataclass(frozen=True, slots=True)
class MessageQuery:
    """All conditions hold together; an empty one does not count. The newest come first."""

    direction: Direction | None = None
    message_id: str = ""
    partner: str = ""
    authority: AuthorityId | None = None
    """Sender or recipient."""
    within: frozenset[AuthorityId] = frozenset()
    """The boundary of whoever looks: only what one of these sends or receives; empty: everything."""
    kind: Kind | None = None
    outcome: Outcome | None = None
    """What we answered; what partners answered to ours stands with the deliveries."""
    issuer: str = ""
    number: str = ""
    """Permit number, whole."""
    since: datetime | None = None
    until: datetime | None = None
    """Exclusive."""
    after: MessagePlace | None = None
    """Only messages that come after this place in the list, which are older."""
    limit: int = 100


@dataclass(frozen=True, slots=True)
class MessageSummary:
    """A message without its bytes."""

    direction: Direction
    message_id: str
    conversation_id: str
    sender: AuthorityId
    recipient: AuthorityId
    partner: str
    permit: PermitRef
    kind: Kind
    recorded_at: datetime
    outcome: Outcome | None
    findings: int
    """How many."""
    receipted: bool
    """Whether a receipt is there."""

    @property
    def place(self) -> MessagePlace:
        """Where it stands."""
        return MessagePlace(self.recorded_at, f"{self.direction}~{self.sender}~{self.message_id}")
