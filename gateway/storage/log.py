"""The message log."""

from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.messagelog.entry import Entry, EntryKind
from gateway.messagelog.query import LogQuery
from gateway.storage.tables import log_entries, log_queue


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
            await self._connection.execute(
                insert(log_entries),
                [
                    {
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
                    }
                    for entry in entries
                ],
            )
            await self._connection.execute(
                insert(log_queue), [{"id": entry.id, "at": entry.at} for entry in entries]
            )

    async def search(self, query: LogQuery) -> list[Entry]:
        """Matching entries, newest first."""
        statement = select(log_entries).order_by(log_entries.c.id.desc()).limit(query.limit)
        for name in (
            "number",
            "issuer",
            "partner",
            "authority",
            "kind",
            "outcome",
            "message_id",
            "correlation_id",
        ):
            wanted = getattr(query, name)
            if wanted:
                statement = statement.where(log_entries.c[name] == wanted)
        if query.since is not None:
            statement = statement.where(log_entries.c.at >= query.since)
        if query.until is not None:
            statement = statement.where(log_entries.c.at < query.until)
        if query.before:
            statement = statement.where(log_entries.c.id < query.before)
        rows = await self._connection.execute(statement)
        return [entry_from(row) for row in rows]


def entry_from(row: Row[Any]) -> Entry:
    """From its row."""
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
    )
