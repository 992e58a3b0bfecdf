"""The port `LogTree` on every storage."""

import asyncio

from support.exchange import ids, log_entry
from support.gateways import SetClock, swiss
from support.keys import NOW

from gateway.flows.make_checkpoint import make_checkpoint
from gateway.flows.sequence import new_head, place_all
from gateway.messagelog.kept import Head, Placed, Unplaced
from gateway.messagelog.tiles import TileId
from gateway.storage import log_tree

BORN = Head("a/log", b"k" * 32)


async def append(storage, *entries):
    async with storage.write() as transaction:
        await transaction.log.append(*entries)


async def test_a_log_is_born_once(storage):
    """The second one to lock it gets the head that there is."""
    async with storage.write() as transaction:
        assert await transaction.log_tree.head() is None
        assert await transaction.log_tree.lock(BORN, wait=False) == BORN
    async with storage.write() as transaction:
        assert await transaction.log_tree.lock(Head("another", b""), wait=False) == BORN


async def test_entries_wait_until_they_are_placed(storage):
    """With how long the oldest has waited; placed, they wait no more, and are found in their order."""
    first, second = (log_entry(id=each) for each in ids(2))
    await append(storage, first, second)
    async with storage.write() as transaction:
        tree = transaction.log_tree
        assert await tree.unplaced() == Unplaced(2, NOW)
        assert await tree.next_entries(1) == [first]
        await tree.lock(BORN, wait=True)
        placed = [Placed(0, first.id, b"one"), Placed(1, second.id, b"two")]
        tiles = {TileId(0, 0): b"x" * 64}
        await tree.place(Head("a/log", b"k" * 32, size=2), placed, tiles)
    async with storage.read() as transaction:
        tree = transaction.log_tree
        assert await tree.unplaced() == Unplaced(0, None)
        assert await tree.next_entries(9) == []
        assert await tree.placed([second.id, first.id, "nosuch"]) == placed
        assert [row.placed for row in await tree.rows(-1, 9)] == placed
        assert [row.entry for row in await tree.rows(0, 9)] == [second]
        assert await tree.tiles([TileId(0, 0), TileId(1, 0)]) == tiles
        assert await tree.tiles([]) == {}
        assert await tree.count_tiles() == 1
        assert (await tree.head()).size == 2


async def test_one_that_was_queued_again_is_passed_over(storage):
    """Whoever writes into the queue gets no second place for an entry."""
    entry = log_entry()
    await append(storage, entry)
    node = swiss(storage, SetClock())
    await place_all(node)
    if hasattr(storage, "state"):
        storage.state.log_queue[entry.id] = NOW
    else:
        async with storage._engine.begin() as connection:
            await connection.execute(log_tree.log_queue.insert(), [{"id": entry.id, "at": NOW}])
    await append(storage, log_entry())
    assert await place_all(node) == 1
    async with storage.read() as transaction:
        assert await transaction.log_tree.false_waiting(9) == [entry.id]
        assert await transaction.log_tree.placed_twice(9) == []


async def test_checkpoints_are_found_by_number_and_by_what_they_cover(storage):
    """The latest, the first over so many entries, and page by page."""
    node = swiss(storage, SetClock())
    for _ in range(3):
        await append(storage, log_entry())
        await make_checkpoint(node)
    async with storage.read() as transaction:
        tree = transaction.log_tree
        assert (await tree.last_checkpoint()).number == 2
        assert (await tree.checkpoint_over(2)).size == 2
        assert await tree.checkpoint_over(4) is None
        assert [each.number for each in await tree.checkpoints(0, 1)] == [1]
        assert (await tree.head()).checkpoints == 3


async def test_one_process_at_a_time_gives_places(shared):
    """On PostgreSQL the second one does not wait, unless it wants to."""
    await append(shared, log_entry())
    node = swiss(shared, SetClock())
    await place_all(node)
    async with shared.write() as transaction:
        assert await transaction.log_tree.lock(new_head(node), wait=False) is not None
        async with shared.write() as other:
            assert await other.log_tree.lock(new_head(node), wait=False) is None
        await append(shared, log_entry())
        assert await place_all(node) == 0
        waiting = asyncio.create_task(make_checkpoint(node))
    assert (await waiting).checkpoint.size >= 1


async def test_a_partition_is_made_when_its_first_place_is_given(shared):
    """On PostgreSQL, where about a million places lie in one; without it the place could not be kept."""
    async with shared._engine.begin() as connection:
        names = [
            row[0]
            for row in await connection.exec_driver_sql(
                "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'log_leaves'::regclass"
            )
        ]
    assert "log_leaves_p0" in names
    seq = (len(names) + 3) << log_tree.PARTITION_BITS
    async with shared.write() as transaction:
        await transaction.log_tree.lock(BORN, wait=True)
        await transaction.log_tree.place(BORN, [Placed(seq, *ids(1), b"leaf")], {TileId(0, 0): b""})
    async with shared.read() as transaction:
        assert [row.placed.seq for row in await transaction.log_tree.rows(seq - 1, 9)] == [seq]
