"""Readiness: requests are welcome while the database answers and nobody has told the process to end."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from gateway.errors import StorageError
from gateway.web import ops


async def ask(door):
    """Status, and the JSON of the answer."""
    status, headers, body = await door.call("GET", "/readyz")
    assert headers["Cache-Control"] == "no-store"
    return status, json.loads(body)


async def test_ready(ch):
    """200 and no reasons, for anybody."""
    status, said = await ask(ch)
    assert (status, said["status"], said["reasons"]) == (200, "ready", [])


async def test_a_process_that_is_told_to_end_says_so(ch):
    """503 with the reason, while it still lives and takes requests."""
    ch.application[ops.READINESS].stopping = True
    assert await ask(ch) == (
        503,
        {"status": "not ready", "version": ops.__version__, "reasons": ["the gateway is stopping"]},
    )
    assert (await ch.call("GET", "/healthz"))[0] == 200
    assert (await ch.call("GET", "/api/v1/inbox", token="CH:MA"))[0] == 200


async def fails(*_):
    """A database that is lost, and whose address nobody needs to know."""
    raise StorageError("the database server db.internal:5432 cannot be reached")


async def hangs(*_):
    """A database that says nothing."""
    await asyncio.Event().wait()


@pytest.mark.parametrize("database", [fails, hangs])
async def test_a_database_that_does_not_answer(database, ch, monkeypatch):
    """503 with a reason that names no machine; ready again as soon as the database answers."""
    monkeypatch.setattr(ops, "DATABASE_SECONDS", 0.1 if database is hangs else 60.0)

    class Broken:
        @asynccontextmanager
        async def read(self):
            await database()
            yield

    with monkeypatch.context() as patch:
        patch.setattr(ch.node, "storage", Broken())
        status, said = await ask(ch)
        assert (status, said["reasons"]) == (503, ["the database does not answer"])
        assert (await ch.call("GET", "/healthz"))[0] == 200
    assert (await ask(ch))[0] == 200


async def test_it_asks_the_database_itself(ch):
    """Ready means that a table can be read, not that a pool exists."""
    async with ch.database.write() as transaction:
        await transaction._connection.exec_driver_sql("ALTER TABLE partner_health RENAME TO elsewhere")
    assert (await ask(ch))[0] == 503
