"""A search ends when its time is over, and holds up nobody before."""

import threading

import pytest
from ports.conftest import sqlite
from sqlalchemy import text
from support.exchange import ids, log_entry

from gateway.errors import SearchTooSlow
from gateway.messagelog.query import LogQuery

NOWHERE = LogQuery(text="nowhere")


@pytest.fixture
async def on_sqlite(request):
    """A file with so many entries that looking through them takes more steps than go without a look."""
    async with sqlite(request) as database:
        async with database.write() as transaction:
            await transaction.log.append(*(log_entry(id=each) for each in ids(5000)))
        yield database


async def search(database, query, seconds=None):
    async with database.read() as transaction:
        return await transaction.log.search(query, seconds=seconds)


async def test_a_search_on_sqlite_is_stopped(on_sqlite):
    """With advice; the same search with more time finds nothing, and the database goes on."""
    with pytest.raises(SearchTooSlow, match="after 0 seconds") as stopped:
        await search(on_sqlite, NOWHERE, seconds=0)
    assert "narrow" in stopped.value.advice
    assert await search(on_sqlite, NOWHERE, seconds=60) == []
    assert await search(on_sqlite, NOWHERE) == []
    async with on_sqlite.write() as transaction:
        await transaction.log.append(log_entry())


async def test_a_search_on_sqlite_runs_beside_the_event_loop(on_sqlite):
    """And nothing else does, on the same connection either."""
    threads = {True: set(), False: set()}
    searching = False

    def trace(_statement):
        threads[searching].add(threading.get_ident())

    async with on_sqlite.read() as transaction:
        driver = (await transaction._connection.get_raw_connection()).driver_connection
        driver.set_trace_callback(trace)
        await transaction.permits.find(log_entry())
        searching = True
        await transaction.log.search(NOWHERE, seconds=60)
        searching = False
        await transaction.permits.find(log_entry())
        driver.set_trace_callback(None)
    assert threads[False] == {threading.get_ident()}
    assert threads[True]
    assert threading.get_ident() not in threads[True]


async def test_a_search_on_postgresql_is_stopped(shared):
    """Somebody holds the log; whoever searches does not wait for longer than a search may take."""
    async with shared._engine.connect() as holder:
        await holder.execute(text("LOCK TABLE log_entries"))
        with pytest.raises(SearchTooSlow, match=r"after 0\.05 seconds"):
            await search(shared, NOWHERE, seconds=0.05)
        await holder.rollback()
    assert await search(shared, NOWHERE, seconds=60) == []


async def test_the_time_of_a_search_is_not_that_of_others(shared):
    """When its transaction is over, the connection is as it was."""

    async def setting(name):
        async with shared._engine.connect() as connection:
            return (await connection.execute(text(f"SHOW {name}"))).scalar_one()

    names = ("statement_timeout", "plan_cache_mode", "jit")
    before = [await setting(name) for name in names]
    await search(shared, NOWHERE, seconds=7)
    assert [await setting(name) for name in names] == before
