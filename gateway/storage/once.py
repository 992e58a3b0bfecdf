"""Inserting what must be there once, also when two processes try at the same moment."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def insert_once(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows; those that a unique key has already are left out. Returns how many were inserted."""
    if not rows:
        return 0
    result = await connection.execute(_statement(connection.dialect.name, table), rows)
    return len(result.all()) if result.returns_rows else max(result.rowcount, 0)


@cache
def _statement(dialect: str, table: Table) -> Insert:
    """The statement, made once; PostgreSQL's driver counts several rows only when it hands something back."""
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing().returning(*table.primary_key)
    return sqlite.insert(table).on_conflict_do_nothing()
