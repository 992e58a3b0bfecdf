"""The SQLite driver of our own waits for other processes without stopping the event loop."""

import asyncio
import sqlite3
import threading
from contextlib import closing

import pytest
from support.exchange import log_entry

from gateway.errors import StorageError
from gateway.messagelog.query import LogQuery
from gateway.storage import sqlite
from gateway.storage.engine import open_engine, upgrade
from gateway.storage.unit_of_work import Database


@pytest.fixture
async def database(tmp_path):
    """A real SQLite storage."""
    engine = open_engine(f"sqlite:///{tmp_path / 'ecites.db'}")
    await upgrade(engine)
    opened = Database(engine)
    yield opened
    await opened.close()


@pytest.fixture
def other_process(database, tmp_path):
    """A second connection that holds the writer's lock, as another process would."""
    with closing(sqlite3.connect(tmp_path / "ecites.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


async def write(database, number):
    async with database.write() as transaction:
        await transaction.log.append(log_entry(number=number))


async def numbers(database):
    async with database.read() as transaction:
        return [entry.number for entry in await transaction.log.search(LogQuery())]


async def test_the_loop_goes_on_while_a_writer_waits(database, other_process):
    """While another process holds the lock, readers answer and the writer lands as soon as it is free."""
    writing = asyncio.create_task(write(database, "waited"))
    async with asyncio.timeout(5):
        for _ in range(20):
            assert await numbers(database) == []
    assert not writing.done()
    other_process.execute("ROLLBACK")
    async with asyncio.timeout(15):
        await writing
    assert await numbers(database) == ["waited"]


async def test_a_cancelled_writer_leaves_the_storage_usable(database, other_process):
    """A writer that is cancelled while it waits for the lock writes nothing and blocks nobody after it."""
    writing = asyncio.create_task(write(database, "cancelled"))
    async with asyncio.timeout(5):
        for _ in range(20):
            await numbers(database)
    writing.cancel()
    other_process.execute("ROLLBACK")
    with pytest.raises(asyncio.CancelledError):
        await writing
    async with asyncio.timeout(15):
        await write(database, "next")
    assert await numbers(database) == ["next"]


async def test_a_writer_that_is_cancelled_inside_its_block_keeps_nothing(database):
    """Cancellation in the middle of a transaction takes it back and gives the turn to the next one."""
    inside = asyncio.Event()

    async def hang():
        async with database.write() as transaction:
            await transaction.log.append(log_entry(number="half"))
            inside.set()
            await asyncio.Event().wait()

    writing = asyncio.create_task(hang())
    await inside.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await write(database, "next")
    assert await numbers(database) == ["next"]


@pytest.mark.parametrize(("usual", "in_a_thread"), [(0.0, False), (1.0, True)])
async def test_a_slow_disk_does_not_hold_the_loop(database, monkeypatch, usual, in_a_thread):
    """While commits are quick they are made where they are; once they are slow, in a thread."""
    threads = []
    real = sqlite.LoopConnection._timed_commit

    def watched(connection):
        threads.append(threading.current_thread() is not threading.main_thread())
        real(connection)

    monkeypatch.setattr(sqlite, "_PACE", sqlite.Pace(usual))
    monkeypatch.setattr(sqlite.LoopConnection, "_timed_commit", watched)
    await write(database, "x")
    assert threads == [in_a_thread]


@pytest.mark.parametrize(("size", "in_a_thread"), [(-1, False), (0, True)])
async def test_much_to_write_does_not_hold_the_loop(database, monkeypatch, size, in_a_thread):
    """A statement with as many characters as the limit is run in a thread, and so is its commit."""
    threads = []

    def tracing(statement):
        if statement.startswith(("INSERT INTO settings", "COMMIT")):
            threads.append(threading.current_thread() is not threading.main_thread())

    monkeypatch.setattr(sqlite, "_PACE", sqlite.Pace(0.0))
    async with database.write() as transaction:
        connection = transaction._connection
        await connection.exec_driver_sql("CREATE TEMPORARY TABLE settings (value TEXT)")
        raw = await connection.get_raw_connection()
        raw.driver_connection.set_trace_callback(tracing)
        await connection.exec_driver_sql(
            "INSERT INTO settings VALUES (?)", ("x" * (sqlite.LARGE_BYTES + size),)
        )
    assert threads == [in_a_thread, in_a_thread]
    threads.clear()
    async with database.write() as transaction:
        connection = transaction._connection
        raw = await connection.get_raw_connection()
        raw.driver_connection.set_trace_callback(tracing)
        await connection.exec_driver_sql("DROP TABLE settings")
    assert threads == [False]  # a small transaction that follows is small again


def test_the_pace_follows_the_disk():
    """A disk that becomes slow is noticed within a few commits, and so is one that becomes quick again."""
    pace = sqlite.Pace()
    for _ in range(3):
        pace.note(0.050)
    assert not pace.quick
    for _ in range(20):
        pace.note(0.0005)
    assert pace.quick


async def test_a_lock_that_is_never_given_back_is_an_error_of_storage(database, other_process, monkeypatch):
    """After waiting in vain for another process the caller is told, and can try again."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    with pytest.raises(StorageError):
        await write(database, "in vain")
    other_process.execute("ROLLBACK")
    await write(database, "again")
    assert await numbers(database) == ["again"]


async def test_a_full_disk_keeps_nothing_and_says_so(database):
    """SQLite's own "disk is full", provoked by a limit on its pages, leaves nothing half written."""
    async with database.write() as transaction:
        await transaction._connection.exec_driver_sql("PRAGMA max_page_count = 1")
    with pytest.raises(StorageError):
        async with database.write() as transaction:
            await transaction.log.append(*(log_entry(detail="x" * 4000) for _ in range(50)))
    assert await numbers(database) == []
