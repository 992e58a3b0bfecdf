"""
Every implementation of the port `Storage`; each test of this folder runs against each of them.

To add one (PostgreSQL), write an async context manager that yields an empty storage and add it to `OPENERS`.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.memory import MemoryStorage

from gateway.storage.engine import open_engine, upgrade
from gateway.storage.unit_of_work import Database


@asynccontextmanager
async def memory(_folder: Path) -> AsyncIterator[MemoryStorage]:
    """The fake that flow tests use."""
    yield MemoryStorage()


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[Database]:
    """A real file, made by the migrations."""
    engine = open_engine(f"sqlite:///{folder / 'ecites.db'}")
    await upgrade(engine)
    database = Database(engine)
    try:
        yield database
    finally:
        await database.close()


Opener = Callable[[Path], AbstractAsyncContextManager[Any]]

OPENERS: dict[str, Opener] = {"memory": memory, "sqlite": sqlite}


@pytest.fixture(params=sorted(OPENERS))
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    """An empty storage of each kind."""
    async with OPENERS[request.param](tmp_path) as opened:
        yield opened
