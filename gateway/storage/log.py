"""The message log."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Text, any_, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.messagelog.entry import Entry, EntryKind
from gateway.messagelog.ids import first_id
from gateway.messagelog.query import LogQuery
from gateway.messagelog.words import words_of
from gateway.storage.log_conditions import SLACK, conditions
from gateway.storage.log_limits import limited
from gateway.storage.log_search import newest
from gateway.storage.tables import log_entries, log_queue

WRITTEN = [column for column in log_entries.c if column.name != "words"]
"""What makes an entry; its words are there to be found by."""


class LogTable:
    """Fulfils the port `Log`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection
        self.appended = False

    async def append(self, *entries: Entry) -> None:
        """Write entries; they wait for their place in the tree."""
        if entries:
            self.appended = True
            await self._connection.execute(insert(log_entries), [entry_values(entry) for entry in entries])
            await self._connection.execute(
                insert(log_queue), [{"id": entry.id, "at": entry.at} for entry in entries]
            )

    async def search(self, query: LogQuery, *, seconds: float | None = None) -> list[Entry]:
        """
        Matching entries, newest first.

        Raises `SearchTooSlow` when it takes longer than `seconds`.
        """
        async with limited(self._connection, seconds):
            found = await newest(self._connection, query)
            if not found:
                return []
            rows = await self._connection.execute(
                select(*WRITTEN).where(self._among(found)).order_by(log_entries.c.id.desc())
            )
            return [entry_from(row) for row in rows]

    def _among(self, entry_ids: list[str]) -> ColumnElement[bool]:
        """One of some ids; on PostgreSQL the same statement however many there are, parsed once."""
        if self._connection.dialect.name == "sqlite":
            return log_entries.c.id.in_(entry_ids)
        return log_entries.c.id == any_(literal(entry_ids, ARRAY(Text)))

    async def count(self, query: LogQuery) -> int:
        """How many entries match, from the cursor on; all of them are looked at."""
        statement = select(func.count()).select_from(log_entries)
        dialect = self._connection.dialect.name
        return (await self._connection.execute(statement.where(*conditions(query, dialect)))).scalar_one()

    async def unerased(self, before: datetime, *, after: str, limit: int) -> list[Entry]:
        """Entries from before a moment whose words are still there, oldest first, after the id `after`."""
        rows = await self._connection.execute(
            select(*WRITTEN)
            .where(
                log_entries.c.id > after,
                log_entries.c.id < first_id(before + SLACK),
                log_entries.c.at < before,
                log_entries.c.erased_at.is_(None),
            )
            .order_by(log_entries.c.id)
            .limit(limit)
        )
        return [entry_from(row) for row in rows]

    async def erase(self, entry_ids: Collection[str], at: datetime) -> int:
        """
        Erase the words of entries: actor, permit, request, detail, headers and salt; returns how many.

        What stays is what their leaves say too. One that is erased already stays as it is.
        """
        erased = await self._connection.execute(
            update(log_entries)
            .where(log_entries.c.id.in_(list(entry_ids)), log_entries.c.erased_at.is_(None))
            .values(
                actor="",
                issuer="",
                number="",
                correlation_id="",
                detail="",
                salt=b"",
                headers="{}",
                words=(),
                erased_at=at,
            )
        )
        return int(erased.rowcount)


def entry_values(entry: Entry) -> dict[str, Any]:
    """The row of an entry."""
    return {
        "id": entry.id,
        "at": entry.at,
        "kind": entry.kind.value,
        "actor": entry.actor,
        "partner": entry.partner,
        "authority": entry.authority,
        "message_id": entry.message_id,
        "issuer": entry.issuer,
        "number": entry.number,
        "digest": entry.digest,
        "correlation_id": entry.correlation_id,
        "outcome": entry.outcome,
        "detail": entry.detail,
        "salt": entry.salt,
        "headers": json.dumps(dict(entry.headers), ensure_ascii=False),
        "words": words_of(entry.detail),
        "erased_at": entry.erased_at,
    }


def entry_from(row: Row[Any]) -> Entry:
    """From its row; raises `ValueError` for one that no program of ours wrote."""
    return Entry(
        id=row.id,
        at=row.at,
        kind=EntryKind(row.kind),
        actor=row.actor,
        partner=row.partner,
        authority=row.authority,
        message_id=row.message_id,
        issuer=row.issuer,
        number=row.number,
        digest=row.digest,
        correlation_id=row.correlation_id,
        outcome=row.outcome,
        detail=row.detail,
        salt=bytes(row.salt),
        headers=json.loads(row.headers),
        erased_at=row.erased_at,
    )
