"""A search in the message log that somebody wants to find again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.messagelog.query import LogQuery

REMEMBERED = timedelta(days=1)
"""How long one without a name is kept: for its next page, and for an address that somebody else is sent."""

MOST_NAMED = 100
"""Of one person; more are no help to find anything."""

LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """What one person looked for."""

    id: str
    """UUIDv7. It may stand in an address; what was looked for, a permit's number perhaps, may not."""
    person: str
    query: LogQuery
    """Without cursor, limit and whoever may see it: those count anew each time."""
    at: datetime
    name: str = ""
    """Empty: only remembered."""
