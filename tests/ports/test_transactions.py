import asyncio

import pytest
from support.exchange import delivery, inbox_item, log_entry, message, submission
from support.permits import digest_of, sealed

from gateway.messagelog.query import LogQuery


class Interrupted(Exception):
    """Stands for anything that goes wrong inside a transaction."""


async def test_what_is_written_is_there_for_the_next_reader(storage):
    """A write block that ends without an error is visible to every later reader."""
    entry = log_entry()
    async with storage.write() as transaction:
        await transaction.log.append(entry)
    async with storage.read() as transaction:
        assert await transaction.log.search(LogQuery()) == [entry]


async def test_a_transaction_sees_its_own_writes(storage):
    """Inside one transaction a store returns what was just written to it."""
    record = message()
    async with storage.write() as transaction:
        await transaction.messages.add(record)
        assert await transaction.messages.find(record.direction, record.sender, record.message_id) == record


async def test_an_exception_takes_back_every_store(storage):
    """When the block ends with an exception nothing of it is kept, in no store."""
    kept, record, queued = sealed(), message(), delivery()
    item, handed = inbox_item(), submission()
    with pytest.raises(Interrupted):  # noqa: PT012 - the block is what is tested
        async with storage.write() as transaction:
            stored = await transaction.permits.add(
                kept, digest=digest_of(kept), new_id=item.permit_id, at=item.arrived_at
            )
            await transaction.messages.add(record)
            await transaction.messages.keep_receipt(record, b"receipt")
            await transaction.deliveries.add([queued])
            await transaction.inboxes.put([item])
            await transaction.submissions.add(handed)
            await transaction.log.append(log_entry())
            raise Interrupted
    async with storage.read() as transaction:
        assert await transaction.permits.find(stored.ref) is None
        assert await transaction.messages.find(record.direction, record.sender, record.message_id) is None
        assert await transaction.deliveries.get(queued.id) is None
        assert await transaction.inboxes.waiting(item.authority, after="", limit=10) == []
        assert await transaction.submissions.by_id(handed.authority, handed.id) is None
        assert await transaction.log.search(LogQuery()) == []


async def test_an_exception_leaves_earlier_transactions_alone(storage):
    """A failed transaction takes back its own changes and no others."""
    record = message()
    async with storage.write() as transaction:
        await transaction.messages.add(record)
    with pytest.raises(Interrupted):  # noqa: PT012 - the block is what is tested
        async with storage.write() as transaction:
            await transaction.messages.keep_receipt(record, b"receipt")
            raise Interrupted
    async with storage.read() as transaction:
        found = await transaction.messages.find(record.direction, record.sender, record.message_id)
    assert found == record


async def test_a_reader_keeps_its_view_while_others_write(storage):
    """A read block that has begun to read does not see what is committed beside it."""
    async with storage.read() as reader:
        assert await reader.log.search(LogQuery()) == []
        async with storage.write() as writer:
            await writer.log.append(log_entry())
        assert await reader.log.search(LogQuery()) == []
    async with storage.read() as later:
        assert len(await later.log.search(LogQuery())) == 1


async def test_what_is_written_through_a_reader_is_lost(storage):
    """A read block never changes what is stored."""
    async with storage.read() as transaction:
        await transaction.log.append(log_entry())
    async with storage.read() as transaction:
        assert await transaction.log.search(LogQuery()) == []


async def test_twenty_writers_at_once_all_land(storage):
    """Twenty concurrent transactions, each over several stores, are all kept in full."""

    async def one(number: int) -> None:
        async with storage.write() as transaction:
            await transaction.log.append(log_entry(number=f"N-{number}"))
            await transaction.deliveries.add([delivery(conversation_id="together")])
            await transaction.submissions.add(submission(idempotency_key=f"key-{number}"))

    await asyncio.gather(*(one(number) for number in range(20)))
    async with storage.read() as transaction:
        entries = await transaction.log.search(LogQuery())
        assert {entry.number for entry in entries} == {f"N-{number}" for number in range(20)}
        assert len(await transaction.deliveries.of_conversation("together")) == 20


async def test_of_twenty_writers_of_the_same_message_one_is_first(storage):
    """When twenty transactions keep the same message at once, exactly one of them is told that it did."""
    record = message()

    async def one() -> bool:
        async with storage.write() as transaction:
            return await transaction.messages.add(record)

    assert sorted(await asyncio.gather(*(one() for _ in range(20)))) == [False] * 19 + [True]


async def test_writers_and_readers_do_not_wait_for_each_other(storage):
    """A reader answers while a write transaction is open, and sees what was committed before it."""
    async with storage.write() as writer:
        await writer.log.append(log_entry())
        async with asyncio.timeout(5), storage.read() as reader:
            assert await reader.log.search(LogQuery()) == []
