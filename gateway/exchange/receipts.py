"""The receipt: the receiver's answer, which proves what arrived, when, and with which outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lxml import etree

from gateway.errors import ReceiptRefused
from gateway.exchange import schema
from gateway.exchange.moments import read_moment, write_moment
from gateway.permits.findings import Area, Finding, Report, Severity
from gateway.permits.identity import AuthorityId
from gateway.xmlio.names import EXCHANGE, clark
from gateway.xmlio.text import xml_text

MAX_FINDINGS = 100
"""More would not help anybody; the schema says the same."""

MAX_CHARACTERS = 2_000
"""
Of the sentence or the path of a finding. A path repeats names that the sender chose, up to 50 KB each, and a
receipt that is longer than a partner reads is none.
"""

_AREAS = frozenset(area.value for area in Area)


class Outcome(StrEnum):
    """What the receiver did with a message."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_WARNINGS = "accepted-with-warnings"
    NOT_READABLE = "not-readable"
    """The payload is not a document that the receiver knows; another version may be."""
    REFUSED = "refused"
    """The payload was read and is not accepted; the findings say why."""

    @property
    def accepted(self) -> bool:
        """True when the receiver keeps the permit."""
        return self in (Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_WARNINGS)

    @classmethod
    def of(cls, report: Report) -> "Outcome":
        """The outcome for a document that could be read."""
        if not report.accepted:
            return cls.REFUSED
        return cls.ACCEPTED_WITH_WARNINGS if report.warnings else cls.ACCEPTED


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the receiver states about one message."""

    message_id: str
    conversation_id: str
    sender: AuthorityId
    """Who states it: the recipient of the message."""
    recipient: AuthorityId
    """To whom: the sender of the message."""
    received_at: datetime
    envelope_digest: str
    """SHA-256 in hex of the envelope's bytes exactly as they arrived."""
    payload_digest: str
    """SHA-256 in hex of the permit's original bytes."""
    outcome: Outcome
    findings: tuple[Finding, ...] = ()


def build(receipt: Receipt) -> etree._Element:
    """A receipt, not yet signed."""
    root = etree.Element(clark(EXCHANGE, "Receipt"), nsmap={"ex": EXCHANGE})
    for local, text in (
        ("MessageID", receipt.message_id),
        ("ConversationID", receipt.conversation_id),
        ("Sender", str(receipt.sender)),
        ("Recipient", str(receipt.recipient)),
        ("ReceivedAt", write_moment(receipt.received_at)),
        ("EnvelopeDigest", receipt.envelope_digest),
        ("PayloadDigest", receipt.payload_digest),
        ("Outcome", receipt.outcome.value),
    ):
        etree.SubElement(root, clark(EXCHANGE, local)).text = text
    for finding in receipt.findings[:MAX_FINDINGS]:
        element = etree.SubElement(root, clark(EXCHANGE, "Finding"))
        element.text = xml_text(finding.message[:MAX_CHARACTERS])
        for name, value in finding.as_dict().items():
            if name != "message" and value not in ("", None):
                element.set(name, xml_text(str(value)[:MAX_CHARACTERS]))
    return root


def read(root: etree._Element) -> Receipt:
    """
    Read the document element of a verified receipt.

    Raises `UnknownDocument` or `SchemaInvalid`.
    """
    schema.check(root, "Receipt")
    texts = [child.text or "" for child in root[:8]]
    return Receipt(
        message_id=texts[0],
        conversation_id=texts[1],
        sender=AuthorityId.parse(texts[2]),
        recipient=AuthorityId.parse(texts[3]),
        received_at=read_moment(texts[4]),
        envelope_digest=texts[5],
        payload_digest=texts[6],
        outcome=Outcome(texts[7]),
        findings=tuple(_finding(element) for element in root[8:]),
    )


def check_belongs(
    receipt: Receipt,
    *,
    message_id: str,
    envelope_digest: str,
    sender: AuthorityId,
    recipient: AuthorityId,
) -> None:
    """
    Check that a receipt is the answer to our message: same id, same bytes, same two authorities.

    Raises `ReceiptRefused` that says what differs.
    """
    expected: Sequence[tuple[str, object, object]] = (
        ("message id", receipt.message_id, message_id),
        ("digest of the envelope", receipt.envelope_digest, envelope_digest),
        ("sender", receipt.sender, recipient),
        ("recipient", receipt.recipient, sender),
    )
    for what, found, wanted in expected:
        if found != wanted:
            raise ReceiptRefused(
                f"the receipt is not for this message: its {what} is {found}, expected {wanted}",
                advice="the partner answers for another message; tell its operator",
            )


def _finding(element: etree._Element) -> Finding:
    """One finding as the receiver wrote it."""
    line = element.get("line")
    area = element.get("area", "")
    return Finding(
        rule=element.get("rule", ""),
        severity=Severity(element.get("severity", "error")),
        area=Area(area) if area in _AREAS else Area.DOCUMENT,
        message=element.text or "",
        box=element.get("box", ""),
        path=element.get("path", ""),
        line=int(line) if line else None,
        source=element.get("source", ""),
    )
