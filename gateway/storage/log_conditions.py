"""From what somebody looks for in the message log to conditions of SQL."""

from datetime import timedelta

from sqlalchemy import ColumnElement, Text, and_, false, literal, or_

from gateway.messagelog.ids import first_id
from gateway.messagelog.query import FAULTS, LogQuery
from gateway.storage.tables import log_entries

SLACK = timedelta(minutes=10)
"""
An entry's id is made within this of its moment: what lies in between waits for the database, which gives up
sooner.
"""

WHOLE = ("id", "number", "issuer", "partner", "authority", "actor", "outcome", "message_id", "correlation_id")
"""Columns that are compared with what is looked for."""

_ROW = log_entries.c


def conditions(query: LogQuery, dialect: str) -> list[ColumnElement[bool]]:
    """All that a query asks for, its borders included."""
    return [*borders(query), *asked(query, dialect)]


def borders(query: LogQuery) -> list[ColumnElement[bool]]:
    """Between which ids the answer lies; they lead past the months in which it does not."""
    found = []
    if query.before:
        found.append(_ROW.id < query.before)
    if query.since is not None:
        found.append(_ROW.id >= first_id(query.since - SLACK))
    if query.until is not None:
        found.append(_ROW.id < first_id(query.until + SLACK))
    return found


def asked(query: LogQuery, dialect: str) -> list[ColumnElement[bool]]:
    """What must hold of an entry itself."""
    found = [_ROW[name] == getattr(query, name) for name in WHOLE if getattr(query, name)]
    if query.kinds:
        found.append(_ROW.kind.in_([kind.value for kind in query.kinds]))
    if query.error_code:
        faults = _ROW.kind.in_([kind.value for kind in FAULTS])
        found.append(and_(faults, _ROW.outcome == query.error_code))
    if query.since is not None:
        found.append(_ROW.at >= query.since)
    if query.until is not None:
        found.append(_ROW.at < query.until)
    if query.visible_to is not None:
        theirs = sorted(map(str, query.visible_to))
        found.append(or_(_ROW.authority.in_(theirs), _ROW.actor.in_(theirs)) if theirs else false())
    if query.words and dialect == "sqlite":
        # A word has letters and digits only, so nothing of it means anything to LIKE.
        found.extend(_ROW.words.bool_op("LIKE")(literal(f"% {word} %", Text)) for word in query.words)
    elif query.words:
        found.append(_ROW.words.bool_op("@>")(query.words))
    return found
