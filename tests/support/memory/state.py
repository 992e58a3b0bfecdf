"""What the storage in memory keeps: everything that one transaction sees."""

from dataclasses import dataclass, field
from datetime import datetime

from gateway.exchange.alarms import Alert
from gateway.exchange.breaker import PartnerHealth
from gateway.exchange.events import Event
from gateway.exchange.grants import Grant
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
from gateway.messagelog.kept import Head, KeptCheckpoint, Placed
from gateway.messagelog.saved import SavedSearch
from gateway.messagelog.tiles import TileId
from gateway.people.account import Account
from gateway.people.lockout import Failures
from gateway.people.proposals import Proposal
from gateway.people.sessions import Session
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.model import Permit
from gateway.permits.record import PermitRecord
from gateway.permits.token_id import TokenHash

MessageKey = tuple[Direction, AuthorityId, str]


@dataclass(slots=True)
class PeopleState:
    """Who may sign in to the console, and who has."""

    accounts: dict[str, Account] = field(default_factory=dict)
    recovery_codes: frozenset[tuple[str, str]] = frozenset()
    """Person and hash."""
    sessions: dict[str, Session] = field(default_factory=dict)
    failures: dict[str, Failures] = field(default_factory=dict)
    proposals: dict[str, Proposal] = field(default_factory=dict)

    def copy(self) -> "PeopleState":
        """One that can be changed without changing this one."""
        return PeopleState(
            dict(self.accounts),
            self.recovery_codes,
            dict(self.sessions),
            dict(self.failures),
            dict(self.proposals),
        )


@dataclass(slots=True)
class State:
    """Everything that is kept; records never change, so a shallow copy of each table is a full copy."""

    permits: dict[PermitRef, PermitRecord] = field(default_factory=dict)
    sealed: dict[str, Permit] = field(default_factory=dict)
    """What is in a permit, by id of ours."""
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
    people: PeopleState = field(default_factory=PeopleState)
    searches: dict[str, SavedSearch] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    alert_turn: tuple[str, datetime] | None = None

    def copy(self) -> "State":
        """A state that can be changed without changing this one."""
        return State(
            dict(self.permits),
            dict(self.sealed),
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
            self.people.copy(),
            dict(self.searches),
            alerts=dict(self.alerts),
            alert_turn=self.alert_turn,
        )


def key_of(record: MessageRecord) -> MessageKey:
    """Under which a message is kept."""
    return record.direction, record.sender, record.message_id


def concerns(record: DeliveryRecord | MessageRecord, within: frozenset[AuthorityId]) -> bool:
    """Whether somebody within the boundary sends or receives it; an empty boundary is none."""
    return not within or record.sender in within or record.recipient in within
