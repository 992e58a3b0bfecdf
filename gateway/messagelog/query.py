"""What an operator looks for in the message log."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LogQuery:
    """All conditions hold together; an empty one does not count."""

    number: str = ""
    """Permit number, whole."""
    issuer: str = ""
    partner: str = ""
    authority: str = ""
    kind: str = ""
    outcome: str = ""
    message_id: str = ""
    correlation_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    """Exclusive."""
    before: str = ""
    """Cursor: only entries older than the one with this id."""
    limit: int = 100
