"""Alarms that stand, in every storage: one looks at a time, and what was told is kept."""

from dataclasses import replace
from datetime import timedelta

from support.alerts import alert
from support.keys import NOW

from gateway.exchange.alarms import Telling

MINUTE = timedelta(minutes=1)


async def turn(storage, holder, at, until):
    async with storage.write() as transaction:
        return await transaction.alerts.take_turn(holder, at=at, until=until)


async def kept(storage):
    async with storage.read() as transaction:
        return await transaction.alerts.all()


async def put(storage, *alerts):
    async with storage.write() as transaction:
        for each in alerts:
            await transaction.alerts.put(each)


async def test_the_turn_is_one_holders_until_it_is_over(storage):
    """Its holder may take it again; another one only when it has ended."""
    assert await turn(storage, "a", NOW, NOW + MINUTE)
    assert not await turn(storage, "b", NOW, NOW + MINUTE)
    assert await turn(storage, "a", NOW + MINUTE / 2, NOW + 2 * MINUTE)
    assert not await turn(storage, "b", NOW + MINUTE, NOW + 2 * MINUTE)
    assert await turn(storage, "b", NOW + 2 * MINUTE, NOW + 3 * MINUTE)
    assert not await turn(storage, "a", NOW + 2 * MINUTE, NOW + 3 * MINUTE)


async def test_a_turn_of_a_clock_that_was_ahead_is_taken(storage):
    """One that ends later than any can does not silence everybody for a day."""
    assert await turn(storage, "a", NOW + 1000 * MINUTE, NOW + 1001 * MINUTE)
    assert await turn(storage, "b", NOW, NOW + MINUTE)


async def test_an_alert_comes_back_as_it_was(storage):
    """Every field, what receivers heard included; the oldest first; a second one replaces the first."""
    told = {"mail": Telling(False, NOW + MINUTE, 3), "webhook": Telling(True, NOW + 2 * MINUTE, 1)}
    first = alert("fr", amount=3, told=told, ended_at=NOW + MINUTE)
    second = alert("de", begun_at=NOW - MINUTE)
    await put(storage, first, second)
    assert await kept(storage) == [second, first]
    await put(storage, replace(first, ended_at=None, amount=4))
    assert (await kept(storage))[1] == replace(first, ended_at=None, amount=4)


async def test_only_what_is_over_is_forgotten(storage):
    """One that stands stays, however old it is."""
    over, late = alert("fr", ended_at=NOW), alert("de", ended_at=NOW + 2 * MINUTE)
    stands = alert("it", begun_at=NOW - 1000 * MINUTE)
    await put(storage, over, late, stands)
    async with storage.write() as transaction:
        await transaction.alerts.forget(NOW + MINUTE)
    assert {each.subject for each in await kept(storage)} == {"de", "it"}
