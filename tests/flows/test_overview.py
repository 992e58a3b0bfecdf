"""Looking once for all who ask, and counting no hour twice."""

import asyncio
from datetime import timedelta

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, delivery, message
from support.gateways import SetClock, swiss
from support.keys import NOW
from support.memory import MemoryStorage

from gateway.clock import new_id
from gateway.errors import StorageError
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.delivery_query import DeliveryQuery
from gateway.exchange.figures import Span
from gateway.flows import overview
from gateway.flows.operate import Act, preview
from gateway.flows.overview import Lookout, totals
from gateway.flows.reading import read

EVERYTHING = frozenset()


@pytest.fixture
def clock():
    return SetClock(NOW + timedelta(minutes=30))


@pytest.fixture
def ch(clock):
    return swiss(MemoryStorage(), clock)


async def sent_at(ch, at):
    """One message that went out."""
    async with ch.storage.write() as transaction:
        await transaction.messages.add(message(message_id=new_id(at), recorded_at=at))


def went(seen):
    """Messages that went out, hour by hour, where there were any."""
    return {f"{hour.span.begin:%d %H}": hour.travelled.went for hour in seen.day.value if hour.travelled.went}


async def test_the_day_has_24_hours_of_which_the_last_is_not_over(ch):
    for hours in (-1, 0, 22, 23, 24):
        await sent_at(ch, NOW - timedelta(hours=hours))
    seen = await Lookout(ch).look(EVERYTHING)
    assert [hour.span.begin for hour in seen.day.value] == [
        NOW - timedelta(hours=n) for n in range(23, -1, -1)
    ]
    assert went(seen) == {"22 13": 1, "22 14": 1, "23 12": 1}
    assert seen.day.value[-1].span == Span(NOW, NOW + timedelta(hours=1))


async def test_an_hour_that_is_over_is_counted_again_only_after_a_while(ch, clock):
    """The hour that is not over is counted each time."""
    lookout = Lookout(ch)
    await lookout.look(EVERYTHING)
    await sent_at(ch, NOW)
    await sent_at(ch, NOW - timedelta(hours=1))
    clock.forward(seconds=overview.FRESH_SECONDS - 1)
    assert went(await lookout.look(EVERYTHING)) == {}
    clock.forward(seconds=1)
    assert went(await lookout.look(EVERYTHING)) == {"23 12": 1}
    clock.forward(seconds=overview.CLOSED_SECONDS)
    assert went(await lookout.look(EVERYTHING)) == {"23 11": 1, "23 12": 1}


async def test_a_clock_that_was_set_back_keeps_nothing_for_ever(ch, clock):
    lookout = Lookout(ch)
    await lookout.look(EVERYTHING)
    clock.forward(days=-1)
    await sent_at(ch, NOW - timedelta(days=1))
    assert went(await lookout.look(EVERYTHING)) == {"22 12": 1}


async def test_each_boundary_is_kept_apart(ch):
    """What one may see is not shown to another, from memory either."""
    await sent_at(ch, NOW)
    await sent_at(ch, NOW - timedelta(hours=1))
    lookout = Lookout(ch)
    assert went(await lookout.look(EVERYTHING)) == {"23 11": 1, "23 12": 1}
    assert went(await lookout.look(frozenset({CH_CUSTOMS}))) == {}
    assert went(await lookout.look(frozenset({CH_MA}))) == {"23 11": 1, "23 12": 1}


async def test_who_comes_meanwhile_gets_what_the_first_one_reads(ch, monkeypatch):
    """Ten look at the same time: it is read once."""
    reads = []
    original = Lookout._given_up

    async def counted(self, within):
        reads.append(within)
        await asyncio.sleep(0)
        return await original(self, within)

    monkeypatch.setattr(Lookout, "_given_up", counted)
    lookout = Lookout(ch)
    seen = await asyncio.gather(*(lookout.look(EVERYTHING) for _ in range(10)))
    assert len(reads) == 1
    assert len({id(each) for each in seen}) == 1


async def test_the_sums_of_the_day(ch):
    """By code, by partner, and what we refused with a receipt."""
    seen = await Lookout(ch).look(EVERYTHING)
    assert totals(seen.day.value) == ({}, {}, 0)


async def fails(error):
    """Something that cannot be read."""
    raise error


@pytest.mark.parametrize(
    ("error", "failure"),
    [(StorageError("gone"), "storage_error"), (RuntimeError("a mistake"), "internal_error")],
)
async def test_what_cannot_be_read_raises_nothing(error, failure):
    assert await read("something", fails(error)) == await read("again", fails(error))
    found = await read("something", fails(error))
    assert (found.value, found.failure) == (None, failure)


async def test_what_takes_too_long_is_given_up():
    found = await read("something", asyncio.Event().wait(), seconds=0.01)
    assert (found.value, found.failure) == (None, "too_slow")


@pytest.mark.parametrize(
    ("most", "total", "more"), [(None, 5, False), (6, 5, False), (5, 5, False), (4, 4, True), (2, 2, True)]
)
@pytest.mark.parametrize("page", [2, 5, 100])
async def test_a_preview_counts_the_oldest_and_says_whether_there_are_more(
    ch, monkeypatch, most, total, more, page
):
    """Whatever the size of the pages in which they are read."""
    monkeypatch.setattr("gateway.flows.operate.PAGE", page)
    records = [
        delivery(id=new_id(NOW + timedelta(seconds=n)), state=DeliveryState.DEAD, next_attempt_at=None)
        for n in range(5)
    ]
    async with ch.storage.write() as transaction:
        await transaction.deliveries.add([*records, delivery(state=DeliveryState.DELIVERED)])
    seen = await preview(Act.REQUEUE, DeliveryQuery(), ch, most)
    assert (seen.total, seen.more, seen.last) == (total, more, records[total - 1].id)
    assert seen.counted == {("fr", DeliveryState.DEAD): total}
