"""What people looked for in the message log."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.messagelog.query import query_of
from gateway.messagelog.saved import SavedSearch
from gateway.storage.tables import searches


class SearchTable:
    """Fulfils the port `Searches`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def keep(self, search: SavedSearch) -> None:
        """Keep a search; one with a name takes the place of the person's other one of that name."""
        if search.name:
            await self._connection.execute(
                delete(searches).where(searches.c.person == search.person, searches.c.name == search.name)
            )
        await self._connection.execute(
            insert(searches).values(
                id=search.id,
                person=search.person,
                name=search.name,
                query=json.dumps(search.query.asked(), ensure_ascii=False),
                at=search.at,
            )
        )

    async def find(self, search_id: str, person: str) -> SavedSearch | None:
        """The search of a person with that id."""
        rows = await self._connection.execute(select(searches).where(*_one(search_id, person)))
        row = rows.first()
        return None if row is None else _search(row)

    async def named(self, person: str) -> list[SavedSearch]:
        """The searches of a person that have a name, by name."""
        rows = await self._connection.execute(
            select(searches).where(searches.c.person == person, searches.c.name != "")
        )
        return sorted(map(_search, rows), key=lambda search: search.name)

    async def forget(self, search_id: str, person: str) -> bool:
        """Delete a search of a person; False when there is none."""
        gone = await self._connection.execute(delete(searches).where(*_one(search_id, person)))
        return bool(gone.rowcount)

    async def forget_unnamed(self, before: datetime) -> int:
        """Delete those without a name from before a moment, whoever's; returns how many."""
        gone = await self._connection.execute(
            delete(searches).where(searches.c.name == "", searches.c.at < before)
        )
        return int(gone.rowcount)


def _one(search_id: str, person: str) -> tuple[Any, Any]:
    """Which row is meant; the id of another person's search finds nothing."""
    return searches.c.id == search_id, searches.c.person == person


def _search(row: Row[Any]) -> SavedSearch:
    """From its row."""
    return SavedSearch(row.id, row.person, query_of(json.loads(row.query)), row.at, row.name)
