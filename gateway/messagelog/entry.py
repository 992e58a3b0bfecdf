"""One entry of the message log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class EntryKind(StrEnum):
    """What happened."""

    SUBMITTED = "submitted"
    """An authority's own system handed a permit over."""
    RECEIVED = "received"
    """A partner's message came in."""
    TESTED = "tested"
    """A partner's test message came in, or one of ours was sent; nobody receives what it carries."""
    REPEATED = "repeated"
    """A message or a submission came again with the same bytes."""
    HANDED_OVER = "handed-over"
    """A permit was put into the inbox of an authority hosted here."""
    FETCHED = "fetched"
    """
    A hosted authority took a permit out of its inbox or acknowledged it; a partner looked into its mailbox or
    fetched a message.
    """
    SENT = "sent"
    """A message was sent and a receipt came back."""
    FAILED = "failed"
    """A message was sent, or tried, and no receipt came back."""
    ENDORSED = "endorsed"
    """Customs wrote something off, or took it back."""
    STATUS = "status"
    """An authority changed the status of a permit."""
    ASKED = "asked"
    """Somebody asked whether a permit is valid."""
    REFUSED = "refused"
    """Something was turned away."""
    OPERATED = "operated"
    """An operator acted on a delivery: tried it now, sent it again, gave it up."""
    ALARM = "alarm"
    """Something was wrong that an operator should hear of, or was over."""
    CHANGED = "changed"
    """Somebody changed whom this gateway knows and believes."""
    SIGNED_IN = "signed-in"
    """Somebody came in to the console, or was turned away, or went."""
    LOOKED = "looked"
    """Somebody looked at permits, messages or the log in the console."""
    EXPORTED = "exported"
    """Somebody took entries of the log, a report, a proof or evidence away as a file."""
    ALARMED = "alarmed"
    """Something needs an operator, or does not any more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What, who, when, digest, outcome."""

    id: str
    """UUIDv7."""
    at: datetime
    kind: EntryKind
    actor: str = ""
    """Who did it: an authority, a partner, `worker`, or `stranger`."""
    partner: str = ""
    """Id of the partner gateway, if any."""
    authority: str = ""
    """The authority concerned: recipient of a delivery, sender of a message."""
    message_id: str = ""
    issuer: str = ""
    number: str = ""
    digest: str = ""
    """SHA-256 in hex of the document's bytes as they came or went."""
    correlation_id: str = ""
    """Of the request; the caller saw it in the answer."""
    outcome: str = ""
    """A word: an outcome, a state, a verdict, or the code of an error."""
    detail: str = ""
    """A sentence for the operator."""
    salt: bytes = b""
    """Random, made with the entry: who knows only its digest cannot guess what it says (`leaf.py`)."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """What stood around the document when it was transmitted, as far as it is worth proving."""
    erased_at: datetime | None = None
    """
    When its words were erased: actor, permit, request, detail, headers and salt are empty since then.

    The tree still has the digest of what they were.
    """

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape."""
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "kind": self.kind.value,
            "actor": self.actor,
            "partner": self.partner,
            "authority": self.authority,
            "message_id": self.message_id,
            "issuer": self.issuer,
            "number": self.number,
            "digest": self.digest,
            "correlation_id": self.correlation_id,
            "outcome": self.outcome,
            "detail": self.detail,
            "salt": self.salt.hex(),
            "headers": dict(self.headers),
            "erased_at": self.erased_at.isoformat() if self.erased_at else None,
        }
