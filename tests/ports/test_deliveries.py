import asyncio
from dataclasses import replace
from datetime import timedelta

from support.exchange import attempt, delivery, ids
from support.keys import NOW
from support.memory import MemoryStorage

from gateway.exchange.claiming import Unfinished
from gateway.exchange.delivery import DeliveryState, Room, Step

LEASE = timedelta(seconds=90)
PLENTY = Room(100)
DONE = Step(DeliveryState.DELIVERED)


async def add(storage, *records):
    async with storage.write() as transaction:
        await transaction.deliveries.add(records)


async def claim(storage, *, at=NOW, worker="worker-1", limit=50, room=PLENTY):
    async with storage.write() as transaction:
        return await transaction.deliveries.claim(
            at=at, lease_until=at + LEASE, worker=worker, limit=limit, room=room
        )


async def settle(storage, record, step=DONE, *, at=NOW, **words):
    return await write(storage, record, step, attempt(record.id, started_at=at), **words)


async def write(storage, record, step, tried, *, worker="worker-1", code="", error=""):
    async with storage.write() as transaction:
        return await transaction.deliveries.settle(record, step, tried, worker=worker, code=code, error=error)


async def get(storage, record):
    async with storage.read() as transaction:
        return await transaction.deliveries.get(record.id)


async def attempts(storage, record):
    async with storage.read() as transaction:
        return await transaction.deliveries.attempts(record.id)


async def next_due(storage, room=PLENTY):
    async with storage.read() as transaction:
        return await transaction.deliveries.next_due(room)


async def test_every_field_of_a_delivery_comes_back(storage):
    """A delivery is found exactly as it was queued."""
    record = delivery(
        state=DeliveryState.DEAD,
        attempts=7,
        next_attempt_at=None,
        settled_at=NOW + timedelta(microseconds=1),
        error_code="partner_unreachable",
        error="no answer: zweimal für nichts",
    )
    await add(storage, record)
    assert await get(storage, record) == record


async def test_an_unknown_delivery_is_none(storage):
    """An id that nobody queued is None, and has no attempts."""
    assert await get(storage, delivery()) is None
    assert await attempts(storage, delivery()) == []


async def test_queueing_nothing_is_allowed(storage):
    """A permit that goes to nobody queues an empty list without an error."""
    await add(storage)
    assert await claim(storage) == []


async def test_the_deliveries_of_a_conversation_come_oldest_first(storage):
    """A submission lists its own deliveries in the order of their ids, and no others."""
    first, second, third = ids(3)
    await add(
        storage,
        delivery(id=third, conversation_id="c"),
        delivery(id=first, conversation_id="c"),
        delivery(id=second, conversation_id="another"),
    )
    async with storage.read() as transaction:
        found = await transaction.deliveries.of_conversation("c")
    assert [record.id for record in found] == [first, third]


async def test_a_due_delivery_is_claimed_with_a_lease(storage):
    """Claiming makes a delivery SENDING until the end of the lease."""
    record = delivery()
    await add(storage, record)
    claimed = await claim(storage)
    assert [each.id for each in claimed] == [record.id]
    found = await get(storage, record)
    assert found.state is DeliveryState.SENDING
    assert found.next_attempt_at == NOW + LEASE
    assert found.attempts == 0


async def test_a_claimed_delivery_is_not_claimed_again(storage):
    """While a lease runs, no worker gets the delivery, the one that has it included."""
    await add(storage, delivery())
    assert len(await claim(storage)) == 1
    assert await claim(storage, worker="worker-2") == []
    assert await claim(storage, at=NOW + LEASE - timedelta(microseconds=1)) == []


async def test_a_delivery_is_not_claimed_before_its_time(storage):
    """The time of the next attempt is kept to the microsecond."""
    due = NOW + timedelta(minutes=5)
    await add(storage, delivery(next_attempt_at=due))
    assert await claim(storage, at=due - timedelta(microseconds=1)) == []
    assert len(await claim(storage, at=due)) == 1


async def test_settled_and_local_deliveries_are_never_claimed(storage):
    """A delivery without a next attempt waits for nobody."""
    await add(
        storage,
        delivery(state=DeliveryState.DELIVERED, partner="", message_id="", next_attempt_at=None),
        delivery(state=DeliveryState.DEAD, next_attempt_at=None),
    )
    assert await claim(storage, at=NOW + timedelta(days=365)) == []
    assert await next_due(storage) is None


async def test_an_ended_lease_is_taken_over(storage):
    """When a worker died, another one gets its delivery once the lease has ended."""
    record = delivery()
    await add(storage, record)
    await claim(storage, worker="killed")
    assert [each.id for each in await claim(storage, at=NOW + LEASE, worker="heir")] == [record.id]


async def test_a_worker_that_lost_its_lease_settles_nothing(storage):
    """The late worker is told so; the delivery stays with the heir, and its attempt is kept all the same."""
    record = delivery()
    await add(storage, record)
    late = (await claim(storage, worker="late"))[0]
    heir = (await claim(storage, at=NOW + LEASE, worker="heir"))[0]
    assert await settle(storage, late, worker="late") is False
    found = await get(storage, record)
    assert (found.state, found.attempts) == (DeliveryState.SENDING, 0)
    assert len(await attempts(storage, record)) == 1
    assert await settle(storage, heir, worker="heir") is True
    assert (await get(storage, record)).state is DeliveryState.DELIVERED
    assert len(await attempts(storage, record)) == 2


async def test_a_delivery_is_settled_once(storage):
    """The worker that settled a delivery cannot change its end afterwards."""
    record = delivery()
    await add(storage, record)
    claimed = (await claim(storage))[0]
    assert await settle(storage, claimed) is True
    assert await settle(storage, claimed, Step(DeliveryState.REFUSED), error="too late") is False
    assert (await get(storage, record)).state is DeliveryState.DELIVERED


async def test_a_delivery_that_nobody_claimed_cannot_be_settled(storage):
    """Only the holder of a lease may write what became of a delivery."""
    record = delivery()
    await add(storage, record)
    assert await settle(storage, record) is False
    assert await get(storage, record) == record


async def test_a_failed_attempt_queues_the_next_one(storage):
    """QUEUED keeps the reason, counts the attempt, and any worker may have it once its time has come."""
    record, again = delivery(), NOW + timedelta(minutes=1)
    await add(storage, record)
    claimed = (await claim(storage))[0]
    step = Step(DeliveryState.QUEUED, again)
    assert await settle(storage, claimed, step, code="partner_unreachable", error="no answer")
    assert await get(storage, record) == replace(
        record, attempts=1, next_attempt_at=again, error_code="partner_unreachable", error="no answer"
    )
    assert await claim(storage, at=again - timedelta(seconds=1), worker="worker-2") == []
    second = await claim(storage, at=again, worker="worker-2")
    assert [each.attempts for each in second] == [1]


async def test_the_end_of_a_delivery_is_kept_with_its_time(storage):
    """A settled delivery has the time of its end and no next attempt, and a success clears the old reason."""
    record = delivery()
    await add(storage, record)
    claimed = (await claim(storage))[0]
    await settle(storage, claimed, Step(DeliveryState.QUEUED, NOW), code="x", error="y")
    claimed = (await claim(storage))[0]
    tried = attempt(record.id, started_at=NOW + timedelta(seconds=3), seconds=0.5)
    await write(storage, claimed, DONE, tried)
    assert await get(storage, record) == replace(
        record,
        state=DeliveryState.DELIVERED,
        attempts=2,
        next_attempt_at=None,
        settled_at=NOW + timedelta(seconds=3.5),
    )


async def test_attempts_are_kept_in_order_with_every_field(storage):
    """Each try stays on record, oldest first, for its own delivery only."""
    record, other = delivery(), delivery()
    await add(storage, record, other)
    first = attempt(record.id, seconds=30.5, outcome="partner_unreachable", error="no answer")
    second = attempt(record.id, started_at=NOW + timedelta(minutes=1))
    claimed = {each.id: each for each in await claim(storage)}[record.id]
    await write(storage, claimed, Step(DeliveryState.QUEUED, NOW), first)
    await write(storage, (await claim(storage))[0], DONE, second)
    assert await attempts(storage, record) == [first, second]
    assert await attempts(storage, other) == []


async def test_the_oldest_due_come_first_and_no_more_than_the_limit(storage):
    """A claim takes deliveries in the order in which they became due."""
    records = [delivery(next_attempt_at=NOW - timedelta(seconds=n)) for n in range(5)]
    await add(storage, *records)
    oldest = [records[4].id, records[3].id]
    assert [each.id for each in await claim(storage, limit=2)] == oldest
    assert len(await claim(storage, limit=10)) == 3


async def test_no_partner_gets_more_than_its_room(storage):
    """A claim takes no more per partner than there is room; what is left stays claimable."""
    await add(storage, *(delivery(partner="slow") for _ in range(5)), delivery(partner="quick"))
    claimed = await claim(storage, room=Room(4, {"slow": 2}))
    assert sorted(each.partner for each in claimed) == ["quick", "slow", "slow"]
    assert len(await claim(storage, room=Room(4))) == 3


async def test_the_default_room_counts_for_each_partner_apart(storage):
    """A partner that is not named has the default room of its own."""
    await add(storage, *(delivery(partner=partner) for partner in ("a", "b") for _ in range(3)))
    claimed = await claim(storage, room=Room(1))
    assert sorted(each.partner for each in claimed) == ["a", "b"]


async def test_a_full_partner_never_blocks_another(storage):
    """However many old deliveries wait for a full partner, those of others are claimed (promise 9)."""
    old = [delivery(partner="dead", next_attempt_at=NOW - timedelta(hours=1)) for _ in range(10)]
    young = delivery(partner="alive")
    await add(storage, *old, young)
    assert [each.id for each in await claim(storage, limit=1, room=Room(4, {"dead": 0}))] == [young.id]


async def test_a_long_queue_takes_no_place_of_another(storage):
    """One partner has more that is due, and older, than is claimed at once: the other still gets its turn."""
    long = [delivery(partner="de", next_attempt_at=NOW - 2 * LEASE) for _ in range(5)]
    short = delivery(partner="fr")
    await add(storage, *long, short)
    claimed = await claim(storage, limit=3, room=Room(1))
    assert {record.partner for record in claimed} == {"de", "fr"}


async def test_the_next_due_moment_is_the_earliest_of_queue_and_leases(storage):
    """A worker knows until when it may sleep: the next attempt or the end of a lease, whichever is first."""
    assert await next_due(storage) is None
    await add(storage, delivery(next_attempt_at=NOW + timedelta(hours=1)))
    assert await next_due(storage) == NOW + timedelta(hours=1)
    await add(storage, delivery(next_attempt_at=NOW))
    assert await next_due(storage) == NOW
    await claim(storage)
    assert await next_due(storage) == NOW + LEASE


async def test_a_full_partner_does_not_count_for_the_next_due_moment(storage):
    """A worker does not wake for deliveries that it could not take."""
    await add(storage, delivery(partner="full"))
    assert await next_due(storage, Room(4, {"full": 0})) is None
    await add(storage, delivery(partner="free", next_attempt_at=NOW + timedelta(hours=1)))
    assert await next_due(storage, Room(4, {"full": -1})) == NOW + timedelta(hours=1)


async def test_workers_at_once_never_share_a_delivery(storage):
    """Ten workers that claim at the same moment get every delivery exactly once."""
    records = [delivery() for _ in range(30)]
    await add(storage, *records)
    rounds = await asyncio.gather(
        *(claim(storage, worker=f"worker-{number}", limit=7) for number in range(10))
    )
    taken = [each.id for claimed in rounds for each in claimed]
    assert sorted(taken) == sorted(record.id for record in records)


async def extend(storage, *records, worker="worker-1", until):
    async with storage.write() as transaction:
        return await transaction.deliveries.extend(
            [record.id for record in records], worker=worker, lease_until=until
        )


async def test_an_extended_lease_ends_later_and_not_before(storage):
    """While its worker lives a delivery is nobody else's, also after the first end of its lease."""
    record = delivery()
    await add(storage, record)
    await claim(storage)
    end = NOW + LEASE + timedelta(seconds=30)
    assert await extend(storage, record, until=end) == {record.id}
    assert await next_due(storage) == end
    assert await claim(storage, at=end - timedelta(microseconds=1), worker="heir") == []
    assert [each.id for each in await claim(storage, at=end, worker="heir")] == [record.id]


async def test_a_lease_that_another_worker_took_over_is_not_extended(storage):
    """A worker that stood still cannot take a delivery back, nor keep it longer for its heir."""
    first, second = ids(2)
    lost, kept = delivery(id=first), delivery(id=second, next_attempt_at=NOW + LEASE)
    await add(storage, lost, kept)
    await claim(storage, worker="late")
    await claim(storage, at=NOW + LEASE, worker="heir", limit=1)
    await claim(storage, at=NOW + LEASE, worker="late", limit=1)
    late = NOW + 3 * LEASE
    assert await extend(storage, lost, kept, worker="late", until=late) == {kept.id}
    assert (await get(storage, lost)).next_attempt_at == NOW + 2 * LEASE
    assert (await get(storage, kept)).next_attempt_at == late


async def test_what_is_settled_or_queued_has_no_lease_to_extend(storage):
    """A heartbeat that comes a moment too late changes neither an end nor the time of the next attempt."""
    done, again = delivery(), delivery()
    await add(storage, done, again)
    for record in await claim(storage):
        step = DONE if record.id == done.id else Step(DeliveryState.QUEUED, NOW + LEASE)
        await settle(storage, record, step)
    assert await extend(storage, done, again, until=NOW + 9 * LEASE) == frozenset()
    assert (await get(storage, done)).next_attempt_at is None
    assert (await get(storage, again)).next_attempt_at == NOW + LEASE


async def test_extending_nothing_is_allowed(storage):
    """A worker with nothing on its way has nothing to extend."""
    assert await extend(storage, until=NOW) == frozenset()


async def test_what_is_not_settled_is_counted_by_partner_and_state(storage):
    """Queued and sending ones of each partner; what is settled is not counted."""
    first, second, third, fourth = ids(4)
    await add(
        storage,
        delivery(id=first, partner="fr"),
        delivery(id=second, partner="fr"),
        delivery(id=third, partner="de", next_attempt_at=NOW + LEASE),
        delivery(id=fourth, partner="de", state=DeliveryState.DEAD, next_attempt_at=None),
    )
    (claimed,) = await claim(storage, limit=1)
    async with storage.read() as transaction:
        assert await transaction.deliveries.unsettled() == {
            ("fr", DeliveryState.QUEUED): 1,
            ("fr", DeliveryState.SENDING): 1,
            ("de", DeliveryState.QUEUED): 1,
        }
    await settle(storage, claimed)
    async with storage.read() as transaction:
        assert ("fr", DeliveryState.SENDING) not in await transaction.deliveries.unsettled()


async def test_the_backlog(storage):
    """What moves and what is dead, by partner and state, since the first was queued, or queued again."""
    first, second, third, fourth, fifth = ids(5)
    await add(
        storage,
        delivery(id=first, partner="fr", created_at=NOW + LEASE),
        delivery(id=second, partner="fr", created_at=NOW, requeued_at=NOW + 2 * LEASE),
        delivery(id=third, partner="fr", state=DeliveryState.DEAD, next_attempt_at=None),
        delivery(id=fourth, partner="de", state=DeliveryState.NO_RECEIPT, next_attempt_at=None),
        delivery(id=fifth, partner="de", state=DeliveryState.DELIVERED, next_attempt_at=None),
    )
    async with storage.read() as transaction:
        found = await transaction.deliveries.backlog()
    assert {(each.partner, each.state): (each.count, each.oldest) for each in found} == {
        ("fr", DeliveryState.QUEUED): (2, NOW + LEASE),
        ("fr", DeliveryState.DEAD): (1, NOW),
        ("de", DeliveryState.NO_RECEIPT): (1, NOW),
    }


async def test_a_database_knows_its_size(storage):
    """Bytes on the disk, more than nothing once there are tables; one in memory has none."""
    assert isinstance(storage, MemoryStorage) or await storage.size() > 4096


async def unfinished(storage, at):
    async with storage.read() as transaction:
        return await transaction.deliveries.unfinished(at)


async def test_what_is_found_at_a_start(storage):
    """Queued ones, mailboxes, leases that run and until when, those that have ended; it only looks."""
    assert await unfinished(storage, NOW) == Unfinished(0, 0, 0, None, 0)
    await add(storage, delivery(), delivery(partner="de"), delivery(partner="it"))
    await claim(storage, at=NOW, room=Room(0, {"fr": 1}))
    await claim(storage, at=NOW + timedelta(seconds=30), room=Room(0, {"de": 1}))
    await add(
        storage,
        delivery(next_attempt_at=NOW + timedelta(days=1)),
        delivery(state=DeliveryState.WAITING, next_attempt_at=NOW + timedelta(days=1)),
        delivery(state=DeliveryState.DELIVERED, next_attempt_at=None),
        delivery(state=DeliveryState.DEAD, next_attempt_at=None),
    )
    last = NOW + timedelta(seconds=30) + LEASE
    assert await unfinished(storage, NOW) == Unfinished(2, 1, 2, last, 0)
    assert await unfinished(storage, NOW + LEASE) == Unfinished(2, 1, 1, last, 1)
    assert await unfinished(storage, last) == Unfinished(2, 1, 0, None, 2)
    assert await unfinished(storage, NOW) == Unfinished(2, 1, 2, last, 0)


async def test_leases_that_no_clock_of_today_could_have_given_are_cut(storage):
    """One that ends after the moment ends at the other one; one that ends at it, and what is queued, stay."""
    first, second, third = (delivery(partner=partner) for partner in ("a", "b", "c"))
    await add(storage, first, second, third)
    await claim(storage, at=NOW, room=Room(0, {"a": 1}))
    await claim(storage, at=NOW + timedelta(microseconds=1), room=Room(0, {"b": 1}))
    async with storage.write() as transaction:
        cut = await transaction.deliveries.cut_leases(ending_after=NOW + LEASE, lease_until=NOW)
    assert cut == 1
    assert (await get(storage, first)).next_attempt_at == NOW + LEASE
    assert (await get(storage, second)).next_attempt_at == NOW
    assert await get(storage, third) == third
