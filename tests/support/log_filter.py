"""What the message log's search has to find, said as simply as possible."""

from dataclasses import replace
from datetime import datetime

from gateway.messagelog.entry import Entry
from gateway.messagelog.query import FAULTS, LogQuery
from gateway.messagelog.words import words_of

WHOLE = ("id", "number", "issuer", "partner", "authority", "actor", "outcome", "message_id", "correlation_id")


def matches(entry: Entry, query: LogQuery) -> bool:
    """True when every condition that is not empty holds."""
    theirs = query.visible_to
    return (
        all(not getattr(query, name) or getattr(entry, name) == getattr(query, name) for name in WHOLE)
        and (not query.kinds or entry.kind in query.kinds)
        and (not query.error_code or (entry.outcome == query.error_code and entry.kind in FAULTS))
        and (query.since is None or entry.at >= query.since)
        and (query.until is None or entry.at < query.until)
        and (not query.before or entry.id < query.before)
        and set(words_of(query.text)) <= set(words_of(entry.detail))
        and (theirs is None or entry.authority in map(str, theirs) or entry.actor in map(str, theirs))
    )


def erased(entry: Entry, at: datetime) -> Entry:
    """An entry without its words."""
    return replace(
        entry,
        actor="",
        issuer="",
        number="",
        correlation_id="",
        detail="",
        salt=b"",
        headers={},
        erased_at=at,
    )
