"""What is kept about a notice."""

from dataclasses import dataclass
from datetime import datetime

from gateway.permits.notices import Notice


@dataclass(frozen=True, slots=True)
class NoticeRecord:
    """A notice with its bytes."""

    notice: Notice
    document: bytes
    """The XML exactly as it was made or came."""
    digest: str
    """SHA-256 in hex of `document`."""
    recorded_at: datetime
    """When this gateway had it."""
    partner: str = ""
    """The gateway that sent it; empty when it was made here."""
    idempotency_key: str = ""
    request_digest: str = ""
    """SHA-256 in hex of the request that made it here."""
