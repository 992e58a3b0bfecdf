import asyncio
from dataclasses import replace

import pytest
from support.exchange import FINDING, FR_MA, message

from gateway.errors import StorageError
from gateway.exchange.message import Kind
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import Direction


async def add(storage, record):
    async with storage.write() as transaction:
        return await transaction.messages.add(record)


async def find(storage, record):
    async with storage.read() as transaction:
        return await transaction.messages.find(record.direction, record.sender, record.message_id)


async def keep_receipt(storage, record, receipt):
    async with storage.write() as transaction:
        return await transaction.messages.keep_receipt(record, receipt)


async def test_every_field_of_a_message_comes_back(storage):
    """A message with outcome, findings, receipt and arbitrary bytes is found exactly as it was kept."""
    record = message(
        envelope=bytes(range(256)),
        outcome=Outcome.ACCEPTED_WITH_WARNINGS,
        findings=(FINDING, replace(FINDING, message="ungültig: 'x' \N{SNOWMAN}", line=None)),
        receipt=b"\x00receipt\xff",
        kind=Kind.TEST,
    )
    assert await add(storage, record)
    assert await find(storage, record) == record


async def test_an_unknown_message_is_none(storage):
    """Sender, id and direction must all three fit."""
    record = message()
    await add(storage, record)
    assert await find(storage, replace(record, message_id="another")) is None
    assert await find(storage, replace(record, sender=FR_MA)) is None
    assert await find(storage, replace(record, direction=Direction.IN)) is None


async def test_a_known_message_id_is_kept_once(storage):
    """The second message with the same sender and id is refused and the first one stands unchanged."""
    record = message()
    assert await add(storage, record) is True
    assert await add(storage, replace(record, envelope=b"other", envelope_digest="ef" * 32)) is False
    assert await find(storage, record) == record


async def test_the_same_id_in_the_other_direction_is_another_message(storage):
    """What we sent and what we received never collide."""
    record = message()
    assert await add(storage, record)
    assert await add(storage, replace(record, direction=Direction.IN))


async def test_the_same_id_of_another_sender_is_another_message(storage):
    """A message id is unique per sender, so that nobody can block the ids of others."""
    record = message()
    assert await add(storage, record)
    assert await add(storage, replace(record, sender=FR_MA))


async def test_the_outcome_can_change_inside_the_transaction(storage):
    """What the storage of the permit says last is what is kept; everything else stays."""
    record = message()
    changed = replace(record, outcome=Outcome.REFUSED, findings=(FINDING,))
    async with storage.write() as transaction:
        await transaction.messages.add(record)
        await transaction.messages.change_outcome(changed)
    assert await find(storage, record) == changed


async def test_the_first_receipt_stands(storage):
    """A second receipt is not kept: the caller gets the first one back."""
    record = message()
    await add(storage, record)
    assert await keep_receipt(storage, record, b"first") == b"first"
    assert await keep_receipt(storage, record, b"second") == b"first"
    assert (await find(storage, record)).receipt == b"first"


async def test_receipts_made_at_once_end_as_one(storage):
    """Twenty processes that make a receipt for one message all answer with the same bytes."""
    record = message()
    await add(storage, record)
    answers = await asyncio.gather(
        *(keep_receipt(storage, record, b"receipt %d" % number) for number in range(20))
    )
    assert len(set(answers)) == 1
    assert (await find(storage, record)).receipt == answers[0]


async def test_a_receipt_belongs_to_one_message(storage):
    """Keeping a receipt touches no other message of the same sender."""
    record, other = message(), message()
    await add(storage, record)
    await add(storage, other)
    await keep_receipt(storage, record, b"receipt")
    assert (await find(storage, other)).receipt is None


async def test_a_receipt_for_a_message_that_is_not_kept_is_an_error_of_storage(storage):
    """A receipt never appears without its message."""
    with pytest.raises(StorageError):
        await keep_receipt(storage, message(), b"receipt")
