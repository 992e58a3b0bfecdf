"""No more bytes for one partner than may be on their way to it, and never fewer than one message."""

import contextlib
from datetime import timedelta

from support.exchange import delivery, ids, message
from support.keys import NOW
from support.plans import listen, rows_read, run_explained, steps_of, take_statistics

from gateway.exchange.delivery import DeliveryState, Room

LEASE = timedelta(seconds=90)


async def queue(storage, *sizes, partner="fr"):
    """Deliveries with envelopes of these sizes, due one after the other; returns their ids."""
    made = []
    async with storage.write() as transaction:
        for number, (size, message_id) in enumerate(zip(sizes, ids(len(sizes)), strict=True)):
            sent = message(message_id=message_id, partner=partner, envelope=b"x" * size)
            due = NOW - timedelta(minutes=1) + timedelta(milliseconds=number)
            record = delivery(partner=partner, message_id=message_id, next_attempt_at=due)
            await transaction.messages.add(sent)
            await transaction.deliveries.add([record])
            made.append(record.id)
    return made


async def claim(storage, room, *, limit=50, at=NOW):
    async with storage.write() as transaction:
        return await transaction.deliveries.claim(
            at=at, lease_until=at + LEASE, worker="worker-1", limit=limit, room=room
        )


async def state(storage, delivery_id):
    async with storage.read() as transaction:
        return (await transaction.deliveries.get(delivery_id)).state


async def test_what_is_claimed_says_its_size(storage):
    """A worker knows how many bytes it is about to hold before it reads them; a lost envelope has 0."""
    await queue(storage, 10, 20)
    async with storage.write() as transaction:
        await transaction.deliveries.add([delivery(partner="de", next_attempt_at=NOW)])
    assert [(each.partner, each.size) for each in await claim(storage, Room(9))] == [
        ("fr", 10),
        ("fr", 20),
        ("de", 0),
    ]


async def test_as_many_bytes_as_agreed_and_not_one_more(storage):
    """Exactly the bytes of the budget go together; what has one byte too many waits and is still queued."""
    first, second, third = await queue(storage, 60, 40, 1)
    claimed = await claim(storage, Room(9, bytes_default=100))
    assert [each.id for each in claimed] == [first, second]
    assert claimed.held == {"fr"}
    assert await state(storage, third) is DeliveryState.QUEUED


async def test_one_message_alone_always_goes(storage):
    """However large it is; nothing goes beside it."""
    large, small = await queue(storage, 1000, 1)
    claimed = await claim(storage, Room(9, bytes_default=100))
    assert [each.id for each in claimed] == [large]
    assert await state(storage, small) is DeliveryState.QUEUED


async def test_a_large_one_is_not_overtaken(storage):
    """Small messages to the same partner wait behind one that waits for room, or it would wait for ever."""
    await queue(storage, 60, 60, 1)
    claimed = await claim(storage, Room(9, bytes_default=100))
    assert [each.size for each in claimed] == [60]
    assert claimed.held == {"fr"}


async def test_what_is_on_its_way_already_counts(storage):
    """Bytes of earlier claims leave less; with nothing on its way even too large a one goes."""
    await queue(storage, 60)
    room = Room(9, bytes_default=100, under_way={"fr": 41})
    assert await claim(storage, room) == []
    assert len(await claim(storage, Room(9, bytes_default=100, under_way={"fr": 40}))) == 1
    await queue(storage, 101)
    assert await claim(storage, Room(9, bytes_default=100, under_way={"fr": 0})) == []
    assert len(await claim(storage, Room(9, bytes_default=100))) == 1


async def test_the_budget_of_one_partner_is_no_other_ones(storage):
    """A partner with a budget of its own has that one, and holds up nobody."""
    await queue(storage, 60, 60, partner="slow")
    await queue(storage, 60, 60, 60, partner="wide")
    await queue(storage, 60, partner="plain")
    claimed = await claim(storage, Room(9, bytes_default=100, bytes_by_partner={"wide": 180}))
    assert sorted(each.partner for each in claimed) == ["plain", "slow", "wide", "wide", "wide"]
    assert claimed.held == {"slow"}


async def test_a_full_number_of_places_is_not_a_lack_of_bytes(storage):
    """Who has no place left is not held: it is known without looking at any size."""
    await queue(storage, 10, 10, 10)
    claimed = await claim(storage, Room(2, bytes_default=100))
    assert (len(claimed), claimed.held) == (2, frozenset())


async def test_a_claim_reads_its_limit_however_long_the_queue_is(on_disk):
    """The queue is read along its index without sorting, and an envelope's size by its primary key."""
    await queue(on_disk, *([100] * 500))
    statements = listen(on_disk)
    await claim(on_disk, Room(9, bytes_default=500))
    looks = next(each for each in statements if "length(messages" in each[0])
    async with on_disk.read() as transaction:
        steps = await steps_of(transaction, looks)
    assert any("deliveries USING INDEX ix_deliveries_partner_due_at_id" in step for step in steps), steps
    assert any("SEARCH messages USING INDEX sqlite_autoindex_messages" in step for step in steps), steps
    assert not any("TEMP B-TREE" in step or step.startswith("SCAN messages") for step in steps), steps


async def test_postgresql_reads_no_more_either(shared):
    """In one statement, which reads as many rows as it returns and one more to find each partner."""
    await queue(shared, *([100] * 2000))
    await take_statistics(shared)
    plan = await plan_of_claim(shared, Room(9, bytes_default=500))
    assert rows_read(plan, "deliveries") <= 9 + 1
    assert rows_read(plan, "messages") == 9


async def test_postgresql_passes_no_queue_of_another(shared):
    """
    Who is due goes although somebody who takes nothing has a long queue of older messages.

    The statistics know of that one alone: by them any index serves as well.
    """
    await queue(shared, *([100] * 2000), partner="away")
    await take_statistics(shared)
    await queue(shared, 100)
    plan = await plan_of_claim(shared, Room(9, {"away": 0}))
    assert rows_read(plan, "deliveries") <= 2 + 1
    assert rows_read(plan, "messages") == 1


async def test_postgresql_passes_nothing_that_is_not_due(shared):
    """A queue of which one message is due and the others wait for their next attempt."""
    await queue(shared, *([100] * 2000))
    await take_statistics(shared)
    plan = await plan_of_claim(shared, Room(9), at=NOW - timedelta(minutes=1))
    assert rows_read(plan, "deliveries") <= 1 + 1


class _NotMeant(Exception):
    """Takes a claim back."""


async def plan_of_claim(storage, room, *, at=NOW):
    """What PostgreSQL really does for the one statement that looks for work."""
    statements = listen(storage)
    with contextlib.suppress(_NotMeant):
        async with storage.write() as transaction:
            assert await transaction.deliveries.claim(
                at=at, lease_until=at + LEASE, worker="worker-1", limit=50, room=room
            )
            raise _NotMeant
    looks, (change, _) = statements
    assert change.startswith("UPDATE"), change
    async with storage.write() as transaction:
        return await run_explained(transaction, looks)
