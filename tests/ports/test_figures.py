"""What is counted for the console, the same in every storage."""

from datetime import timedelta

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA, attempt, delivery, log_entry, message
from support.keys import NOW

from gateway.clock import new_id
from gateway.exchange.delivery import DeliveryState, Step
from gateway.exchange.figures import GivenUp, Queue, Sample, Span, Travelled
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import Direction
from gateway.messagelog.entry import EntryKind

HOUR = timedelta(hours=1)
SPAN = Span(NOW, NOW + HOUR)
EVERYTHING = frozenset()
MANY = 1000


def queued_at(at, **changes):
    """A delivery that was queued at a moment: its id says so too."""
    return delivery(id=new_id(at), created_at=at, **{"next_attempt_at": None} | changes)


async def add(storage, *deliveries, messages=(), entries=(), attempts=()):
    """Keep what a test counts."""
    async with storage.write() as transaction:
        await transaction.deliveries.add(deliveries)
        for each in messages:
            await transaction.messages.add(each)
        await transaction.log.append(*entries)
    for record, tries in attempts:
        await _settle(storage, record, tries)


async def _settle(storage, record, tries):
    """Attempts at a delivery, as a worker keeps them."""
    async with storage.write() as transaction:
        for each in tries:
            await transaction.deliveries.settle(
                record, Step(record.state), each, worker="nobody", code="", error=""
            )


async def count(storage, what, *arguments):
    """One count."""
    async with storage.read() as transaction:
        return await getattr(transaction.figures, what)(*arguments)


async def test_messages_are_counted_by_direction_within_a_span(storage):
    """Its begin belongs to it, its end does not; what we refused is told apart."""
    incoming = {"direction": Direction.IN, "sender": FR_MA}
    await add(
        storage,
        messages=[
            message(message_id="a", recorded_at=NOW - timedelta(seconds=1)),
            message(message_id="b", recorded_at=NOW),
            message(message_id="c", recorded_at=NOW + HOUR),
            message(message_id="d", recorded_at=NOW, outcome=Outcome.REFUSED, recipient=CH_MA, **incoming),
            message(
                message_id="e", recorded_at=NOW, outcome=Outcome.ACCEPTED, recipient=CH_CUSTOMS, **incoming
            ),
        ],
    )
    assert await count(storage, "travelled", SPAN, EVERYTHING, MANY) == Travelled(2, 1, 1)
    assert await count(storage, "travelled", SPAN, frozenset({CH_CUSTOMS}), MANY) == Travelled(1, 0, 0)
    assert await count(storage, "travelled", Span(NOW + 2 * HOUR, NOW + 3 * HOUR), EVERYTHING, MANY) == (
        Travelled()
    )
    bounded = await count(storage, "travelled", SPAN, EVERYTHING, 2)
    assert bounded.came + bounded.went == 2


async def test_how_long_deliveries_took_until_their_receipt(storage):
    """From the queue, or from when an operator sent them again; not those without a receipt."""
    done = DeliveryState.DELIVERED
    minute = timedelta(minutes=1)
    await add(
        storage,
        queued_at(NOW, state=done, settled_at=NOW + minute),
        queued_at(NOW + minute, state=done, settled_at=NOW + 4 * minute, requeued_at=NOW + 2 * minute),
        queued_at(NOW + minute, state=DeliveryState.DEAD, settled_at=NOW + 9 * minute),
        queued_at(NOW + minute, state=done, settled_at=NOW + minute, partner=""),
        queued_at(NOW - minute, state=done, settled_at=NOW),
        queued_at(NOW + HOUR, state=done, settled_at=NOW + HOUR),
    )
    assert sorted(await count(storage, "seconds", SPAN, EVERYTHING, MANY)) == [60.0, 120.0]
    assert await count(storage, "seconds", SPAN, frozenset({FR_CUSTOMS}), MANY) == []


async def test_what_was_turned_away_is_counted_by_code(storage):
    """By the entries of the message log; who sees one authority sees what concerns that one."""
    refused = {"kind": EntryKind.REFUSED}
    await add(
        storage,
        entries=[
            log_entry(id=new_id(NOW), at=NOW, outcome="x", authority="CH:MA", **refused),
            log_entry(id=new_id(NOW), at=NOW, outcome="x", authority="", **refused),
            log_entry(id=new_id(NOW), at=NOW, outcome="y", authority="FR:MA", **refused),
            log_entry(id=new_id(NOW), at=NOW, outcome="y", kind=EntryKind.RECEIVED),
            log_entry(id=new_id(NOW + HOUR), at=NOW + HOUR, outcome="x", **refused),
            log_entry(id=new_id(NOW - HOUR), at=NOW - HOUR, outcome="x", **refused),
        ],
    )
    assert await count(storage, "turned_away", SPAN, EVERYTHING, MANY) == {"x": 2, "y": 1}
    assert await count(storage, "turned_away", SPAN, frozenset({CH_MA}), MANY) == {"x": 1}


async def test_what_partners_refused_is_counted_by_partner(storage):
    """Refused, or not readable there."""
    await add(
        storage,
        queued_at(NOW, state=DeliveryState.REFUSED),
        queued_at(NOW, state=DeliveryState.NOT_READABLE),
        queued_at(NOW, state=DeliveryState.REFUSED, partner="de", recipient=FR_CUSTOMS),
        queued_at(NOW, state=DeliveryState.DELIVERED),
        queued_at(NOW - HOUR, state=DeliveryState.REFUSED),
    )
    assert await count(storage, "sent_back", SPAN, EVERYTHING, MANY) == {"fr": 2, "de": 1}
    assert await count(storage, "sent_back", SPAN, frozenset({FR_CUSTOMS}), MANY) == {"de": 1}


async def test_dead_letters_are_counted_by_state_and_error(storage):
    """With the moment of the last one."""
    dead = {"state": DeliveryState.DEAD, "error_code": "x"}
    await add(
        storage,
        queued_at(NOW, settled_at=NOW, **dead),
        queued_at(NOW, settled_at=NOW + HOUR, **dead),
        queued_at(NOW, settled_at=NOW, state=DeliveryState.NO_RECEIPT, recipient=FR_CUSTOMS),
        queued_at(NOW, settled_at=NOW, state=DeliveryState.REFUSED),
    )
    assert await count(storage, "given_up", EVERYTHING, MANY) == [
        GivenUp(DeliveryState.DEAD, "x", 2, NOW + HOUR),
        GivenUp(DeliveryState.NO_RECEIPT, "", 1, NOW),
    ]
    assert await count(storage, "given_up", frozenset({FR_CUSTOMS}), MANY) == [
        GivenUp(DeliveryState.NO_RECEIPT, "", 1, NOW)
    ]
    assert sum(each.count for each in await count(storage, "given_up", EVERYTHING, 1)) == 2


async def test_queues_are_counted_by_partner_and_state(storage):
    """With the oldest; what is settled does not wait."""
    wait = {"next_attempt_at": NOW}
    await add(
        storage,
        queued_at(NOW, **wait),
        queued_at(NOW - HOUR, **wait),
        queued_at(NOW, state=DeliveryState.WAITING, partner="de", recipient=FR_CUSTOMS, **wait),
        queued_at(NOW, state=DeliveryState.SENDING, **wait),
        queued_at(NOW, state=DeliveryState.DELIVERED),
    )
    assert await count(storage, "queues", EVERYTHING, MANY) == [
        Queue("de", DeliveryState.WAITING, 1, NOW),
        Queue("fr", DeliveryState.QUEUED, 2, NOW - HOUR),
        Queue("fr", DeliveryState.SENDING, 1, NOW),
    ]
    assert await count(storage, "queues", frozenset({FR_CUSTOMS}), MANY) == [
        Queue("de", DeliveryState.WAITING, 1, NOW)
    ]
    assert (await count(storage, "queues", EVERYTHING, 1))[1].count == 1


@pytest.mark.parametrize(("most", "expected"), [(MANY, ["delivered", "x", "x"]), (1, ["delivered"])])
async def test_the_last_attempts_at_a_partner(storage, most, expected):
    """The newest delivery first, and of its attempts the last one; those of other partners do not count."""
    older = queued_at(NOW, state=DeliveryState.DEAD, attempts=2)
    newer = queued_at(NOW + HOUR, state=DeliveryState.DELIVERED, attempts=1)
    other = queued_at(NOW + HOUR, state=DeliveryState.DELIVERED, attempts=1, partner="de")
    await add(
        storage,
        older,
        newer,
        other,
        attempts=[
            (
                older,
                [attempt(older.id, outcome="x", seconds=1.0), attempt(older.id, outcome="x", seconds=2.0)],
            ),
            (newer, [attempt(newer.id)]),
            (other, [attempt(other.id)]),
        ],
    )
    found = await count(storage, "samples", "fr", most)
    assert [each.outcome for each in found] == expected
    assert found[0] == Sample("delivered", 0.25)
    assert [each.answered for each in found] == [each == "delivered" for each in expected]
