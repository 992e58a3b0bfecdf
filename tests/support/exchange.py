"""Headers, receipts, directories and records with sensible values, each of which a test may change."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from gateway.clock import new_id
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.directory import Directory, Partner
from gateway.exchange.message import Header, Kind
from gateway.exchange.receipts import Outcome, Receipt
from gateway.exchange.records import (
    Attempt,
    DeliveryRecord,
    Direction,
    InboxItem,
    MessageRecord,
    Submission,
)
from gateway.messagelog.entry import Entry, EntryKind
from gateway.permits.findings import Area, Finding, Severity
from gateway.permits.identity import AuthorityId, PermitRef
from support.keys import NOW

CH_MA = AuthorityId.parse("CH:MA")
CH_CUSTOMS = AuthorityId.parse("CH:CUSTOMS")
FR_MA = AuthorityId.parse("FR:MA")
FR_CUSTOMS = AuthorityId.parse("FR:CUSTOMS")
REF = PermitRef("CH", "CH-2026-000123")
DIGEST = "ab" * 32

FINDING = Finding(
    "validity.end-before-issue",
    Severity.ERROR,
    Area.RULES,
    "the permit ends before it begins: mend Box 2",
    box="2",
    path="/CITESEPermit/HeaderExchangedDocument",
    line=12,
    source="Res. Conf. 12.3",
)
"""A finding with every field filled."""


def ids(count: int) -> list[str]:
    """Ids in the order of time, one millisecond apart."""
    return [new_id(NOW + timedelta(milliseconds=n)) for n in range(count)]


def directory(hosted: str, **partners: str) -> Directory:
    """`directory("CH:MA CH:CUSTOMS", fr="FR:MA FR:CUSTOMS")`."""
    return Directory(
        frozenset(map(AuthorityId.parse, hosted.split())),
        {
            name: Partner(name, f"http://{name}.invalid/", tuple(map(AuthorityId.parse, behind.split())))
            for name, behind in partners.items()
        },
    )


def header(**changes: Any) -> Header:
    """The header of a permit that Switzerland sends to France."""
    message_id, conversation_id = ids(2)
    made = Header(message_id, conversation_id, CH_MA, FR_MA, Kind.PERMIT, NOW, REF)
    return replace(made, **changes)


def receipt(**changes: Any) -> Receipt:
    """What France states about a message of Switzerland."""
    message_id, conversation_id = ids(2)
    made = Receipt(message_id, conversation_id, FR_MA, CH_MA, NOW, DIGEST, "cd" * 32, Outcome.ACCEPTED)
    return replace(made, **changes)


def message(**changes: Any) -> MessageRecord:
    """A message to France that waits for its receipt."""
    message_id, conversation_id = ids(2)
    made = MessageRecord(
        direction=Direction.OUT,
        message_id=message_id,
        conversation_id=conversation_id,
        sender=CH_MA,
        recipient=FR_MA,
        partner="fr",
        permit=REF,
        sent_at=NOW,
        recorded_at=NOW,
        envelope=b"<envelope/>\r\n\x00\xff",
        envelope_digest=DIGEST,
        payload_digest="cd" * 32,
    )
    return replace(made, **changes)


def delivery(**changes: Any) -> DeliveryRecord:
    """A delivery to France that is due now."""
    made = DeliveryRecord(
        id=new_id(NOW),
        conversation_id=new_id(NOW),
        sender=CH_MA,
        recipient=FR_MA,
        partner="fr",
        message_id=new_id(NOW),
        permit=REF,
        state=DeliveryState.QUEUED,
        created_at=NOW,
        next_attempt_at=NOW,
    )
    return replace(made, **changes)


def attempt(delivery_id: str, **changes: Any) -> Attempt:
    """One attempt that brought a receipt."""
    made = Attempt(delivery_id, NOW, 0.25, "http://fr.invalid/", DeliveryState.DELIVERED.value)
    return replace(made, **changes)


def inbox_item(**changes: Any) -> InboxItem:
    """A permit that waits for the customs of France."""
    made = InboxItem(
        id=new_id(NOW),
        authority=FR_CUSTOMS,
        permit=REF,
        permit_id=new_id(NOW),
        sender=CH_MA,
        digest=DIGEST,
        arrived_at=NOW,
    )
    return replace(made, **changes)


def submission(**changes: Any) -> Submission:
    """What the system of Switzerland's authority handed over."""
    made = Submission(
        id=new_id(NOW),
        authority=CH_MA,
        idempotency_key="key-1",
        request_digest=DIGEST,
        permit=REF,
        digest="cd" * 32,
        created_at=NOW,
        findings=(FINDING,),
    )
    return replace(made, **changes)


def log_entry(**changes: Any) -> Entry:
    """An entry of the message log with every field filled."""
    made = Entry(
        id=new_id(NOW),
        at=NOW,
        kind=EntryKind.RECEIVED,
        actor="ch",
        partner="ch",
        authority="CH:MA",
        message_id=new_id(NOW),
        issuer=REF.issuer,
        number=REF.number,
        digest=DIGEST,
        outcome="accepted",
        detail="all is well",
        correlation_id="0123456789abcdef",
    )
    return replace(made, **changes)
