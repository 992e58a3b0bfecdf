"""What holds on PostgreSQL alone: many processes at once, connections that break, a server that goes away."""

import asyncio
import signal
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from ports.conftest import SHARED
from sqlalchemy import text
from support.exchange import CH_MA, FR_CUSTOMS, FR_MA, REF, delivery, ids, log_entry, message
from support.gateways import SetClock, swiss
from support.keys import NOW
from support.permits import permit_bytes
from support.relay import relay

from gateway import clock
from gateway.errors import MalformedRequest, StorageError
from gateway.exchange.delivery import DeliveryState, Room
from gateway.exchange.events import Event, EventKind
from gateway.flows.issue import issue
from gateway.flows.ports import Trail
from gateway.messagelog.query import LogQuery
from gateway.storage import doorbell
from gateway.storage import engine as engine_module
from gateway.storage.engine import check_shape, open_engine, upgrade
from gateway.storage.log import entry_values
from gateway.storage.once import insert_once
from gateway.storage.tables import log_entries
from gateway.storage.unit_of_work import Database

PATIENCE = 30.0
LEASE = timedelta(seconds=90)
MY_PROCESS = "SELECT pg_backend_pid()"


@pytest.fixture
async def nodes(postgres, shared):
    """Two processes on one database: each has a pool of its own."""
    other = Database(open_engine(postgres.url(SHARED)))
    yield shared, other
    await other.close()


async def claim(database, worker, limit):
    async with database.write() as transaction:
        return await transaction.deliveries.claim(
            at=NOW, lease_until=NOW + LEASE, worker=worker, limit=limit, room=Room(1000)
        )


async def numbers(database):
    async with database.read() as transaction:
        return [entry.number for entry in await transaction.log.search(LogQuery())]


async def write(database, number):
    async with database.write() as transaction:
        await transaction.log.append(log_entry(number=number))


async def raw(transaction, statement):
    """A statement inside an open transaction."""
    result = await transaction._connection.execute(text(statement))
    return result.scalar() if result.returns_rows else None


async def test_two_claims_at_the_same_moment_share_and_do_not_wait(nodes):
    """While one worker's claim is not yet committed another one gets the next deliveries, at once."""
    first, second = nodes
    records = [delivery() for _ in range(6)]
    async with first.write() as transaction:
        await transaction.deliveries.add(records)
    async with asyncio.timeout(PATIENCE), first.write() as transaction:
        mine = await transaction.deliveries.claim(
            at=NOW, lease_until=NOW + LEASE, worker="first", limit=3, room=Room(1000)
        )
        others = await claim(second, "second", 10)
    assert len(mine) == len(others) == 3
    assert {each.id for each in mine + others} == {each.id for each in records}


async def test_a_claim_locks_nothing_that_it_leaves(nodes):
    """Of many partners a claim takes what fits; all that is left is there for another at the same time."""
    first, second = nodes
    records = [delivery(partner=f"p{number}") for number in range(4) for _ in range(3)]
    async with first.write() as transaction:
        await transaction.deliveries.add(records)
    async with asyncio.timeout(PATIENCE), first.write() as transaction:
        mine = await transaction.deliveries.claim(
            at=NOW, lease_until=NOW + LEASE, worker="first", limit=4, room=Room(2, {"p3": 0})
        )
        others = await claim(second, "second", 50)
    assert len(mine) == 4
    assert {each.id for each in mine}.isdisjoint(each.id for each in others)
    assert {each.id for each in mine + others} == {each.id for each in records}


async def test_workers_of_two_processes_never_share_a_delivery(nodes):
    """Forty claims at once from two processes give each of 200 deliveries to exactly one worker."""
    records = [delivery() for _ in range(200)]
    async with nodes[0].write() as transaction:
        await transaction.deliveries.add(records)
    taken = []
    while claimed := await asyncio.gather(*(claim(nodes[n % 2], f"worker-{n}", 7) for n in range(40))):
        found = [each.id for part in claimed for each in part]
        if not found:
            break
        taken += found
    assert sorted(taken) == sorted(each.id for each in records)


async def test_of_fifty_writers_of_one_message_in_two_processes_one_is_first(nodes):
    """Fifty transactions that keep the same message at once keep one, and exactly one is told that it did."""
    record = message()

    async def one(number):
        async with nodes[number % 2].write() as transaction:
            return await transaction.messages.add(record)

    assert sorted(await asyncio.gather(*map(one, range(50)))) == [False] * 49 + [True]


async def test_a_repeated_message_waits_for_the_first_and_finds_it(nodes):
    """The second of two at the same moment is not told "new" before it is certain that the first stays."""
    record = message()
    async with nodes[0].write() as first:
        assert await first.messages.add(record)

        async def second():
            async with nodes[1].write() as transaction:
                known = not await transaction.messages.add(record)
                return known, await transaction.messages.find(
                    record.direction, record.sender, record.message_id
                )

        waiting = asyncio.create_task(second())
        await blocked(nodes[0])
        assert not waiting.done()
    assert await waiting == (True, record)


async def blocked(database, count=1):
    """Wait until so many connections wait for a lock."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with database.read() as transaction:
                waiting = await raw(
                    transaction,
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE wait_event_type = 'Lock' AND datname = current_database()",
                )
            if waiting >= count:
                return


async def test_of_several_rows_only_the_new_ones_are_counted(shared):
    """Also where several rows go in one statement, the answer says how many were not there before."""
    known, new = log_entry(), [log_entry() for _ in range(3)]
    async with shared.write() as transaction:
        await transaction.log.append(known)
    rows = [entry_values(entry) for entry in (known, *new)]
    async with shared.write() as transaction:
        assert await insert_once(transaction._connection, log_entries, rows) == 3
        assert await insert_once(transaction._connection, log_entries, rows) == 0


async def test_one_permit_submitted_to_two_processes_at_once_is_one_submission(nodes):
    """The same bytes at the same moment: one is stored, and both callers get the same answer."""
    clocks = SetClock(), SetClock(NOW + timedelta(seconds=1))
    gateways = [swiss(storage, clock) for storage, clock in zip(nodes, clocks, strict=True)]
    data = permit_bytes()
    answers = await asyncio.gather(*(issue(data, CH_MA, "", gateways[n % 2], Trail()) for n in range(8)))
    assert len({answer.submission.id for answer in answers}) == 1
    assert sorted(answer.repeated for answer in answers) == [False] + [True] * 7


async def test_a_killed_connection_leaves_nothing_and_the_next_call_works(postgres, shared):
    """pg_terminate_backend in the middle of a transaction takes it back; the pool goes on by itself."""
    with pytest.raises(StorageError, match="connection to the database broke"):  # noqa: PT012 - what is tested
        async with shared.write() as transaction:
            await transaction.log.append(log_entry(number="half"))
            await postgres.run(f"SELECT pg_terminate_backend({await raw(transaction, MY_PROCESS)})")
            await transaction.log.append(log_entry(number="half"))
    assert await numbers(shared) == []
    await write(shared, "next")
    assert await numbers(shared) == ["next"]


async def test_a_connection_killed_before_the_commit_is_no_success(postgres, shared):
    """A commit on a connection that is gone is an error, and nothing of the transaction is there."""
    with pytest.raises(StorageError, match="connection to the database broke"):  # noqa: PT012 - what is tested
        async with shared.write() as transaction:
            await transaction.log.append(log_entry(number="half"))
            await postgres.run(f"SELECT pg_terminate_backend({await raw(transaction, MY_PROCESS)})")
    assert await numbers(shared) == []


async def test_a_killed_connection_in_the_pool_is_not_handed_out(postgres, shared):
    """Connections that died while nobody used them cost no caller an error."""
    await asyncio.gather(*(write(shared, "x") for _ in range(5)))
    await postgres.run(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{SHARED}'"  # noqa: S608 - ours
    )
    await write(shared, "next")


async def test_a_commit_whose_answer_is_lost_is_an_error(postgres, shared):
    """An unknown outcome is never called a success; after a repetition the message is there once."""
    record = message()
    async with relay(postgres.port) as (wire, port):
        database = Database(open_engine(postgres.url(SHARED).replace(str(postgres.port), str(port))))
        await numbers(database)
        wire.lose_the_answer_to = b"COMMIT;"
        with pytest.raises(StorageError, match="whether what was being written is kept is not known"):
            async with database.write() as transaction:
                await transaction.messages.add(record)
        assert wire.lost.is_set()
        async with database.write() as transaction:
            assert await transaction.messages.add(record) is False
        await database.close()


async def test_a_server_that_restarts_is_an_error_and_then_works_again(postgres, shared):
    """While the server is away callers are told so; when it is back nothing needs a restart."""
    await write(shared, "before")
    postgres.stop(signal.SIGQUIT)
    try:
        with pytest.raises(StorageError, match=r"127\.0\.0\.1:\d+ cannot be reached"):
            await write(shared, "away")
        with pytest.raises(StorageError):
            await numbers(shared)
    finally:
        postgres.start()
    await write(shared, "after")
    assert sorted(await numbers(shared)) == ["after", "before"]


async def test_a_cancelled_writer_keeps_nothing_and_blocks_nobody(shared):
    """Cancellation in the middle of a transaction takes it back, and its connection is usable or replaced."""
    inside = asyncio.Event()

    async def hang():
        async with shared.write() as transaction:
            await transaction.log.append(log_entry(number="half"))
            inside.set()
            await raw(transaction, "SELECT pg_sleep(600)")

    writing = asyncio.create_task(hang())
    await inside.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    async with asyncio.timeout(PATIENCE):
        await write(shared, "next")
    assert await numbers(shared) == ["next"]


async def test_a_statement_that_waits_too_long_is_an_error(shared):
    """A lock that is never given back costs a caller a sentence, not an endless wait."""
    async with shared.read() as transaction:
        assert await raw(transaction, "SHOW statement_timeout") == "30s"
        assert await raw(transaction, "SHOW idle_in_transaction_session_timeout") == "1min"
    with pytest.raises(StorageError, match="a statement took too long"):  # noqa: PT012 - the block is tested
        async with shared.write() as transaction:
            await raw(transaction, "SET LOCAL statement_timeout = 1")
            await raw(transaction, "SELECT pg_sleep(600)")


async def test_a_null_character_is_the_callers_mistake(shared):
    """PostgreSQL keeps no null character: who asks with one is told so, and the database is not to blame."""
    with pytest.raises(MalformedRequest, match="character"):
        async with shared.read() as transaction:
            await transaction.deliveries.get("a\0b")


async def test_leases_go_by_the_clock_of_the_server(shared):
    """A machine whose clock is wrong asks the database, so that no lease ends too early or too late."""
    before = clock.now()
    async with shared.write() as transaction:
        answer = await transaction.deliveries.moment(NOW + timedelta(days=1000))
    assert before - timedelta(seconds=1) < answer < clock.now() + timedelta(seconds=1)


@asynccontextmanager
async def listening(database):
    """Listen for the time of the block; yields an event that is set at each ring, after the first."""
    rung = asyncio.Event()
    task = asyncio.create_task(database.listen(rung.set))
    try:
        await heard(rung)
        yield rung
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def heard(rung):
    """Wait for a ring."""
    async with asyncio.timeout(PATIENCE):
        await rung.wait()
    rung.clear()


async def queue(database, *records):
    async with database.write() as transaction:
        await transaction.deliveries.add(records)


async def test_what_one_process_queues_wakes_another(nodes):
    """The moment that deliveries are committed, a worker elsewhere is told; before that it is not."""
    async with listening(nodes[1]) as rung:
        async with nodes[0].write() as transaction:
            await transaction.deliveries.add([delivery()])
            await numbers(nodes[1])
            assert not rung.is_set()
        await heard(rung)


async def test_nobody_is_woken_for_what_is_taken_back_or_done(nodes):
    """Neither a transaction that failed nor a delivery that needs no worker rings."""
    async with listening(nodes[1]) as rung:
        with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the block is what is tested
            async with nodes[0].write() as transaction:
                await transaction.deliveries.add([delivery()])
                raise ZeroDivisionError
        await queue(nodes[0], delivery(state=DeliveryState.DELIVERED, next_attempt_at=None))
        assert not rung.is_set()
        await queue(nodes[0], delivery())
        await heard(rung)
        await numbers(nodes[1])
        assert not rung.is_set()


async def test_what_is_put_into_a_mailbox_wakes_those_who_wait_for_it(nodes):
    """Elsewhere they are told which partner's it is; no worker is woken, there is nothing to send."""
    filled: asyncio.Queue[str] = asyncio.Queue()
    workers = asyncio.Event()
    task = asyncio.create_task(nodes[1].listen(workers.set, filled.put_nowait))
    try:
        async with asyncio.timeout(PATIENCE):
            assert await filled.get() == ""
            workers.clear()
            waits = {"state": DeliveryState.WAITING}
            await queue(nodes[0], delivery(**waits), delivery(partner="de", **waits), delivery(**waits))
            assert [await filled.get(), await filled.get()] == ["de", "fr"]
            assert not workers.is_set()
            await queue(nodes[0], delivery())
            await workers.wait()
            assert filled.empty()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_an_event_wakes_the_authority_that_waits_for_it(nodes):
    """Another process is told whose feed it is, once for several, when the transaction is committed."""
    filled: asyncio.Queue[str] = asyncio.Queue()
    workers = asyncio.Event()
    task = asyncio.create_task(nodes[1].listen(workers.set, filled.put_nowait))
    told = [
        Event(new, authority, EventKind.ARRIVED, REF, CH_MA, "item", NOW)
        for new, authority in zip(ids(3), (FR_MA, FR_CUSTOMS, FR_MA), strict=True)
    ]
    try:
        async with asyncio.timeout(PATIENCE):
            assert await filled.get() == ""
            workers.clear()
            async with nodes[0].write() as transaction:
                await transaction.events.add(told)
                assert filled.empty()
            assert [await filled.get(), await filled.get()] == ["FR:CUSTOMS", "FR:MA"]
            assert not workers.is_set()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_is_released_wakes_the_workers(nodes):
    """A mailbox that was taken away: its messages are sent at once, by whichever process is quicker."""
    await queue(nodes[0], delivery(state=DeliveryState.WAITING))
    async with listening(nodes[1]) as rung:
        async with nodes[0].write() as transaction:
            assert await transaction.mailboxes.release([], NOW) == 1
        await heard(rung)


async def test_a_listener_that_lost_its_connection_listens_again(postgres, nodes, monkeypatch):
    """After its connection was killed it rings once, for what it missed, and hears what is queued then."""
    monkeypatch.setattr(doorbell, "AGAIN_SECONDS", 0.01)
    async with listening(nodes[1]) as rung:
        await postgres.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        )
        await heard(rung)
        await queue(nodes[0], delivery())
        await heard(rung)


async def test_a_listener_on_a_dead_wire_notices_it(postgres, shared, monkeypatch):
    """A connection whose other side fell silent is found by asking, although nobody closed it."""
    monkeypatch.setattr(doorbell, "AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(doorbell, "PROBE_SECONDS", 0.01)
    monkeypatch.setattr(doorbell, "ANSWER_SECONDS", 0.5)
    async with relay(postgres.port) as (wire, port):
        database = Database(open_engine(postgres.url(SHARED).replace(str(postgres.port), str(port))))
        async with listening(database) as rung:
            wire.silent = True
            await wire.hears(b"SELECT 1")
            wire.silent = False  # for new connections; what was swallowed is never answered
            await heard(rung)
            await queue(shared, delivery())
            await heard(rung)
        await database.close()


async def test_a_listener_that_asks_keeps_its_connection(postgres, shared, monkeypatch):
    """Asking whether the wire is alive neither rings nor makes a new connection."""
    monkeypatch.setattr(doorbell, "PROBE_SECONDS", 0.01)
    listener = "SELECT pid FROM pg_stat_activity WHERE application_name = 'ecites' AND query = 'SELECT 1'"
    async with relay(postgres.port) as (wire, port):
        database = Database(open_engine(postgres.url(SHARED).replace(str(postgres.port), str(port))))
        async with listening(database) as rung:
            await wire.hears(b"SELECT 1")
            before = await postgres.run(listener)
            for _ in range(3):
                await wire.hears(b"SELECT 1")
            assert await postgres.run(listener) == before
            assert len(before) == 1
            assert not rung.is_set()
        await database.close()


async def test_two_migrations_at_once_make_the_tables_once(postgres):
    """Two nodes that are started at once both end well, and the shape is right."""
    async with postgres.fresh() as name:
        engines = [open_engine(postgres.url(name), hurried=False) for _ in range(4)]
        await asyncio.gather(*map(upgrade, engines))
        await check_shape(engines[0])
        for each in engines:
            await each.dispose()


async def test_a_migration_that_fails_leaves_nothing(postgres):
    """The change of the tables is one transaction: when its end fails, its beginning is taken back."""
    async with postgres.fresh() as name:
        await postgres.run("CREATE TABLE tokens (in_the_way int)", database=name)
        engine = open_engine(postgres.url(name))
        with pytest.raises(StorageError, match="cannot be prepared"):
            await upgrade(engine)
        found = await postgres.run(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'", database=name
        )
        assert [row["tablename"] for row in found] == ["tokens"]
        await engine.dispose()


async def test_a_column_more_does_not_disturb_who_is_serving(postgres, nodes):
    """A process that has its statements prepared goes on when a newer program adds to the tables."""
    records = [delivery() for _ in range(2)]
    await queue(nodes[0], *records)
    assert len(await claim(nodes[0], "old", 1)) == 1
    await postgres.run("ALTER TABLE deliveries ADD COLUMN later text", database=SHARED)
    try:
        assert len(await claim(nodes[0], "old", 1)) == 1
        await queue(nodes[0], delivery())
    finally:
        await postgres.run("ALTER TABLE deliveries DROP COLUMN later", database=SHARED)


async def test_a_migration_does_not_wait_for_ever_for_who_uses_the_tables(postgres, monkeypatch):
    """Behind a waiting change of a table everybody waits, so it gives up and says so."""
    monkeypatch.setattr(engine_module, "LOCK_SECONDS", 0.05)
    async with postgres.fresh() as name:
        engine, busy = (open_engine(postgres.url(name)) for _ in range(2))
        await upgrade(engine)
        async with Database(busy).write() as transaction:
            await raw(transaction, "LOCK TABLE alembic_version")
            with pytest.raises(StorageError, match="another transaction holds the tables"):
                await upgrade(engine)
        await upgrade(engine)
        await engine.dispose()
        await busy.dispose()


async def test_more_callers_than_connections_wait_for_their_turn(shared):
    """A hundred callers at once share the few connections of the pool, and each gets its answer."""
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(write(shared, f"N-{n}") for n in range(100)))
    assert len(await numbers(shared)) == 100
