"""
Every implementation of the port `Storage`; each test of this folder runs against each of them.

To add one, write an async context manager that yields an empty storage and add it to `OPENERS`.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from support.databases import migrated
from support.memory import MemoryStorage
from support.postgres import PostgresServer

from gateway.storage.engine import open_engine, upgrade
from gateway.storage.tables import metadata
from gateway.storage.unit_of_work import Database

SHARED = "ports"
"""The database that these tests empty and use one after the other; making one for each takes longer."""


@asynccontextmanager
async def memory(_request: pytest.FixtureRequest) -> AsyncIterator[MemoryStorage]:
    """The fake that flow tests use."""
    yield MemoryStorage()


@asynccontextmanager
async def sqlite(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A real file, as the migrations make it."""
    folder: Path = request.getfixturevalue("tmp_path")
    database = Database(open_engine(await migrated(folder / "ecites.db")))
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def postgresql(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A real server; its tables are made by the migrations once and emptied for each test."""
    database = Database(await empty_engine(request.getfixturevalue("postgres")))
    try:
        yield database
    finally:
        await database.close()


async def empty_engine(postgres: PostgresServer) -> AsyncEngine:
    """The shared database of PostgreSQL, with empty tables of the newest shape."""
    found = await postgres.run(f"SELECT FROM pg_database WHERE datname = '{SHARED}'")
    if not found:
        await postgres.run(f"CREATE DATABASE {SHARED}")
    engine = open_engine(postgres.url(SHARED))
    if not found:
        await upgrade(engine)
    async with engine.begin() as connection:
        # TRUNCATE makes the files of each table and index anew: too slow for tables in months.
        names = [table.name for table in metadata.sorted_tables]
        emptied = ", ".join(f"emptied_{name} AS (DELETE FROM {name})" for name in names)  # noqa: S608 - ours
        await connection.execute(text(f"WITH {emptied} SELECT"))
    return engine


Opener = Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[Any]]

OPENERS: dict[str, Opener] = {"memory": memory, "postgresql": postgresql, "sqlite": sqlite}


@pytest.fixture(params=sorted(OPENERS))
async def storage(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """An empty storage of each kind."""
    async with OPENERS[request.param](request) as opened:
        yield opened


@pytest.fixture
async def shared(postgres: PostgresServer) -> AsyncIterator[Database]:
    """The storage on PostgreSQL alone."""
    database = Database(await empty_engine(postgres))
    yield database
    await database.close()


@pytest.fixture
async def on_disk(tmp_path: Path) -> AsyncIterator[Database]:
    """The storage on SQLite alone."""
    database = Database(open_engine(await migrated(tmp_path / "ecites.db")))
    yield database
    await database.close()
