"""The envelope: one message between two gateways."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lxml import etree

from gateway.errors import SchemaInvalid
from gateway.exchange import schema
from gateway.exchange.moments import read_moment, write_moment
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.names import EXCHANGE, clark

MEDIA_TYPE = "application/xml"


class Kind(StrEnum):
    """What a message is for."""

    PERMIT = "permit"
    """Carries a sealed permit."""
    TEST = "test"
    """Carries a sealed permit that is none: it is examined and receipted like one, and handed to nobody."""
    STATUS = "status"
    """Carries a change of the status of a permit."""
    ENDORSEMENT = "endorsement"
    """Carries what customs wrote off, or took back."""

    QUESTION = "question"
    """Asks whether a permit is valid; the answer comes at once instead of a receipt, and nothing is kept."""

    @property
    def carries_permit(self) -> bool:
        """Whether the payload is a sealed permit; else it is a notice about one, or a question."""
        return self in (Kind.PERMIT, Kind.TEST)


@dataclass(frozen=True, slots=True)
class Header:
    """Who sends what to whom; signed together with the payload."""

    message_id: str
    """UUIDv7, unique per sender; a repetition of the message keeps it."""
    conversation_id: str
    """UUIDv7 shared by all messages about one submission."""
    sender: AuthorityId
    recipient: AuthorityId
    kind: Kind
    sent_at: datetime
    permit: PermitRef


@dataclass(frozen=True, slots=True)
class Envelope:
    """A header and the bytes that it carries."""

    header: Header
    payload: bytes
    """The permit's original bytes, exactly as they were sealed; or a notice about it."""
    payload_digest: str
    """SHA-256 of `payload` in hex, as the header's signer declared it."""


def build(header: Header, payload: bytes) -> etree._Element:
    """An envelope, not yet signed."""
    root = etree.Element(clark(EXCHANGE, "Envelope"), nsmap={"ex": EXCHANGE})
    head = _child(root, "Header")
    _child(head, "MessageID", header.message_id)
    _child(head, "ConversationID", header.conversation_id)
    _child(head, "Sender", str(header.sender))
    _child(head, "Recipient", str(header.recipient))
    _child(head, "Kind", header.kind.value)
    _child(head, "SentAt", write_moment(header.sent_at))
    reference = _child(head, "PermitReference")
    _child(reference, "Issuer", header.permit.issuer)
    _child(reference, "Number", header.permit.number)
    body = _child(root, "Payload", base64.b64encode(payload).decode("ascii"))
    body.set("mediaType", MEDIA_TYPE)
    body.set("sha256", sha256_hex(payload))
    return root


def peek_header(root: etree._Element) -> Header:
    """
    The header of an envelope that is not yet verified: good for finding whose certificates to try, and
    for the log; nothing else may be decided by it.

    Raises `UnknownDocument` or `SchemaInvalid`.
    """
    schema.check(root, "Envelope")
    return _read_header(root)


def read(root: etree._Element) -> Envelope:
    """
    Read the document element of a verified envelope.

    Raises `SchemaInvalid` when the payload does not have the digest that was declared.
    """
    schema.check(root, "Envelope")
    body = root[1]
    try:
        payload = base64.b64decode("".join((body.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise SchemaInvalid("the payload of the envelope is not base64") from None
    declared = body.get("sha256", "")
    if sha256_hex(payload) != declared:
        raise SchemaInvalid(
            "the payload of the envelope does not have the digest that the envelope declares",
            advice="the sender built the envelope wrongly: the digest is SHA-256 over the decoded bytes",
        )
    return Envelope(_read_header(root), payload, declared)


def _read_header(root: etree._Element) -> Header:
    """The header of an envelope that fits the schema; children stand in the order of the schema."""
    head = root[0]
    texts = [child.text or "" for child in head]
    return Header(
        message_id=texts[0],
        conversation_id=texts[1],
        sender=AuthorityId.parse(texts[2]),
        recipient=AuthorityId.parse(texts[3]),
        kind=Kind(texts[4]),
        sent_at=read_moment(texts[5]),
        permit=PermitRef.of(head[6][0].text or "", head[6][1].text or ""),
    )


def _child(parent: etree._Element, local: str, text: str | None = None) -> etree._Element:
    """Append one element of our namespace."""
    child = etree.SubElement(parent, clark(EXCHANGE, local))
    child.text = text
    return child
