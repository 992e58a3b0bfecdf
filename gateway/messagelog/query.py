"""What somebody looks for in the message log."""

from dataclasses import dataclass
from datetime import datetime

from gateway.messagelog.entry import EntryKind
from gateway.messagelog.words import words_of
from gateway.permits.identity import AuthorityId

FAULTS = (EntryKind.REFUSED, EntryKind.FAILED)
"""The outcome of these kinds is the code of an error."""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """All conditions hold together; an empty one does not count."""

    number: str = ""
    """Permit number, whole."""
    issuer: str = ""
    partner: str = ""
    authority: str = ""
    actor: str = ""
    kinds: tuple[EntryKind, ...] = ()
    """Any of them."""
    outcome: str = ""
    error_code: str = ""
    """The code of the error for which something was turned away or failed."""
    message_id: str = ""
    correlation_id: str = ""
    text: str = ""
    """Words of the sentence for the operator; all must be there, in any order."""
    since: datetime | None = None
    until: datetime | None = None
    """Exclusive."""
    visible_to: frozenset[AuthorityId] | None = None
    """Only entries whose authority or actor is one of these; None: whoever asks may see all."""
    before: str = ""
    """Cursor: only entries older than the one with this id."""
    limit: int = 100

    @property
    def words(self) -> tuple[str, ...]:
        """The words of `text`."""
        return words_of(self.text)
