"""Messages that wait until their partner collects them, on every storage."""

from datetime import timedelta

import pytest
from support.exchange import attempt, delivery, ids, message
from support.keys import NOW

from gateway.exchange.delivery import DeliveryState, Room, Step
from gateway.exchange.mailbox import MailboxHeader
from gateway.exchange.message import Kind
from gateway.exchange.records import Direction

DEADLINE = NOW + timedelta(hours=120)
PLENTY = Room(100)
DELIVERED = Step(DeliveryState.DELIVERED)


def waiting(number=0, **changes):
    """A delivery in the mailbox of France; a greater number is a later one."""
    made = {
        "id": ids(number + 1)[number],
        "message_id": ids(number + 1)[number],
        "state": DeliveryState.WAITING,
        "next_attempt_at": DEADLINE,
    }
    return delivery(**(made | changes))


async def put(storage, *deliveries, **changes):
    """Deliveries with their messages."""
    async with storage.write() as transaction:
        for each in deliveries:
            told = {"sender": each.sender, "recipient": each.recipient, "partner": each.partner}
            await transaction.messages.add(message(message_id=each.message_id, **(told | changes)))
        await transaction.deliveries.add(deliveries)


async def box(storage, partner="fr", after="", limit=100):
    async with storage.read() as transaction:
        return await transaction.mailboxes.waiting(partner, after=after, limit=limit)


async def find(storage, message_id, partner="fr"):
    async with storage.read() as transaction:
        return await transaction.mailboxes.find(partner, message_id)


async def settle(storage, record, step=DELIVERED, **words):
    async with storage.write() as transaction:
        tried = attempt(record.id, address="mailbox")
        return await transaction.mailboxes.settle(record, step, tried, **({"code": "", "error": ""} | words))


async def release(storage, *keepers):
    async with storage.write() as transaction:
        return await transaction.mailboxes.release(keepers, NOW)


async def test_a_header_tells_what_the_message_is(storage):
    """Ids, authorities, kind, time, the size of the envelope in bytes and its digest."""
    record = waiting()
    sent_at = NOW + timedelta(microseconds=1)
    await put(
        storage, record, kind=Kind.TEST, sent_at=sent_at, envelope="<é/>".encode(), envelope_digest="ef" * 32
    )
    assert await box(storage) == [
        MailboxHeader(record.id, record.message_id, "CH:MA", "FR:MA", "test", sent_at, 5, "ef" * 32)
    ]


async def test_oldest_first_page_by_page(storage):
    """The cursor of the last header leads to the next page, whatever the order in which they were put."""
    records = [waiting(number) for number in range(5)]
    await put(storage, *reversed(records))
    first = await box(storage, limit=2)
    second = await box(storage, after=first[-1].cursor, limit=2)
    third = await box(storage, after=second[-1].cursor, limit=2)
    assert [each.message_id for each in (*first, *second, *third)] == [each.message_id for each in records]
    assert await box(storage, after=third[-1].cursor) == []


async def test_every_partner_has_its_own_box(storage):
    """What waits for one partner is neither shown to another nor found by it."""
    record = waiting()
    await put(storage, record)
    assert await box(storage, "de") == []
    assert await find(storage, record.message_id, "de") is None
    assert await find(storage, record.message_id) == record


async def test_a_message_that_we_received_is_in_no_box(storage):
    """Only messages that go out are shown, also when one that came in has the same sender and id."""
    record = waiting()
    await put(storage, record, direction=Direction.IN)
    assert await box(storage) == []


@pytest.mark.parametrize(
    ("state", "code", "there"),
    [
        (DeliveryState.WAITING, "", True),
        (DeliveryState.QUEUED, "", True),
        (DeliveryState.SENDING, "", True),
        (DeliveryState.DEAD, "not_collected", True),
        (DeliveryState.DEAD, "partner_unreachable", False),
        (DeliveryState.DELIVERED, "", False),
        (DeliveryState.DELIVERED_WITH_WARNINGS, "", False),
        (DeliveryState.NOT_READABLE, "not-readable", False),
        (DeliveryState.REFUSED, "not_collected", False),
    ],
)
async def test_what_is_in_the_box(state, code, there, storage):
    """What nobody has acknowledged, also when we have given it up; it can be settled while it is there."""
    record = waiting(state=state, error_code=code)
    await put(storage, record)
    assert [each.message_id for each in await box(storage)] == [record.message_id] * there
    assert await settle(storage, record) is there
    assert (await find(storage, record.message_id)).state is (DeliveryState.DELIVERED if there else state)


async def test_settled_once(storage):
    """The first receipt settles it, with its attempt; a second one changes nothing."""
    record = waiting()
    await put(storage, record)
    refused = Step(DeliveryState.REFUSED)
    assert await settle(storage, record, refused, code="refused", error="a rule is broken")
    assert not await settle(storage, record)
    found = await find(storage, record.message_id)
    assert (found.state, found.error_code, found.error) == (refused.state, "refused", "a rule is broken")
    assert (found.attempts, found.next_attempt_at) == (1, None)
    assert found.settled_at == attempt(record.id).ended_at
    async with storage.read() as transaction:
        assert await transaction.deliveries.attempts(record.id) == [attempt(record.id, address="mailbox")]


async def test_a_worker_that_had_it_does_not_overwrite_the_receipt(storage):
    """A worker looks at it at the deadline; a receipt that comes meanwhile stands."""
    record = waiting(next_attempt_at=NOW)
    await put(storage, record)
    async with storage.write() as transaction:
        (claimed,) = await transaction.deliveries.claim(
            at=NOW, lease_until=DEADLINE, worker="w", limit=1, room=PLENTY
        )
    assert await settle(storage, record)
    async with storage.write() as transaction:
        dead = Step(DeliveryState.DEAD)
        mine = await transaction.deliveries.settle(
            claimed, dead, attempt(record.id), worker="w", code="not_collected", error=""
        )
    assert not mine
    assert (await find(storage, record.message_id)).state is DeliveryState.DELIVERED


async def test_nobody_sends_it_before_the_deadline(storage):
    """A worker gets it at the moment of giving up and not before, and knows when that is."""
    await put(storage, waiting())
    async with storage.write() as transaction:
        for at, count in ((DEADLINE - timedelta(seconds=1), 0), (DEADLINE, 1)):
            assert await transaction.deliveries.next_due(PLENTY) == DEADLINE
            claimed = await transaction.deliveries.claim(
                at=at, lease_until=at + timedelta(hours=1), worker="w", limit=9, room=PLENTY
            )
            assert [each.state for each in claimed] == [DeliveryState.WAITING] * count


async def test_released_when_the_mailbox_is_taken_away(storage):
    """What waits for partners without a mailbox becomes due at once; nothing else changes."""
    ours, other = waiting(0), waiting(1, partner="de")
    done = waiting(2, state=DeliveryState.DELIVERED, next_attempt_at=None)
    await put(storage, ours, other, done)
    assert await release(storage, "fr") == 1
    assert await release(storage, "fr") == 0
    assert await find(storage, ours.message_id) == ours
    assert await find(storage, done.message_id) == done
    async with storage.write() as transaction:
        (claimed,) = await transaction.deliveries.claim(
            at=NOW, lease_until=DEADLINE, worker="w", limit=9, room=PLENTY
        )
    assert (claimed.partner, claimed.state) == ("de", DeliveryState.QUEUED)
    assert await release(storage) == 1


async def test_what_is_no_id_is_not_found(storage):
    """Any text may stand in an address."""
    await put(storage, waiting())
    assert await find(storage, "../é'--") is None
