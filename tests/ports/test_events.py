"""What authorities are told: kept, listed, acknowledged."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.exchange import CH_MA, FR_CUSTOMS, FR_MA, REF, ids
from support.keys import NOW

from gateway.errors import StorageError
from gateway.exchange.events import Event, EventKind

LATER = NOW + timedelta(hours=1)


def event(event_id: str, **changes: Any) -> Event:
    """A permit that arrived at the customs of France."""
    made = Event(event_id, FR_CUSTOMS, EventKind.ARRIVED, REF, CH_MA, "item-1", NOW)
    return replace(made, **changes)


async def add(storage, *events):
    async with storage.write() as transaction:
        await transaction.events.add(events)


async def waiting(storage, authority=FR_CUSTOMS, after="", limit=100):
    async with storage.read() as transaction:
        return await transaction.events.waiting(authority, after=after, limit=limit)


async def acknowledge(storage, authority, *event_ids, at=NOW):
    async with storage.write() as transaction:
        return await transaction.events.acknowledge(authority, event_ids, at)


async def get(storage, event_id):
    async with storage.read() as transaction:
        return await transaction.events.get(event_id)


@pytest.mark.parametrize("kind", EventKind)
async def test_an_event_waits_with_every_field(storage, kind):
    """What was kept is listed and found exactly as it was put in."""
    (one,) = ids(1)
    made = event(one, kind=kind)
    await add(storage, made)
    assert await waiting(storage) == [made]
    assert await get(storage, one) == made


async def test_no_events_are_no_trouble(storage):
    """Nothing to keep is kept; an id that is not there is None."""
    await add(storage)
    assert await waiting(storage) == []
    assert await get(storage, "none") is None


async def test_an_id_is_there_once(storage):
    """A second event under the same id is an error, and the first one stands."""
    (one,) = ids(1)
    await add(storage, event(one))
    with pytest.raises(StorageError):
        await add(storage, event(one, about="another"))
    assert await waiting(storage) == [event(one)]


async def test_pages_in_order_for_one_authority(storage):
    """Oldest first, after a cursor, so many; those of another authority are not among them."""
    first, second, third, other = ids(4)
    await add(storage, event(third), event(first), event(second), event(other, authority=FR_MA))
    assert [each.id for each in await waiting(storage, limit=2)] == [first, second]
    assert [each.id for each in await waiting(storage, after=second)] == [third]
    assert [each.id for each in await waiting(storage, FR_MA)] == [other]


async def test_what_is_acknowledged_leaves_the_list_and_stays(storage):
    """The first time counts; the event can still be found, for a webhook that has not had it."""
    first, second = ids(2)
    await add(storage, event(first), event(second))
    assert await acknowledge(storage, FR_CUSTOMS, first) == {first}
    assert await acknowledge(storage, FR_CUSTOMS, first, second, at=LATER) == {first, second}
    assert await waiting(storage) == []
    assert (await get(storage, first)).acknowledged_at == NOW
    assert (await get(storage, second)).acknowledged_at == LATER


async def test_nobody_acknowledges_for_another(storage):
    """An id of another authority, or of nobody, is not named and changes nothing."""
    (one,) = ids(1)
    await add(storage, event(one))
    assert await acknowledge(storage, FR_MA, one) == frozenset()
    assert await acknowledge(storage, FR_CUSTOMS, "none") == frozenset()
    assert await waiting(storage) == [event(one)]


async def test_events_are_kept_with_the_rest_or_not_at_all(storage):
    """A transaction that fails keeps none of its events."""
    (one,) = ids(1)

    class Stop(Exception):
        """Ends the block."""

    async def fail():
        async with storage.write() as transaction:
            await transaction.events.add([event(one)])
            raise Stop

    with pytest.raises(Stop):
        await fail()
    assert await waiting(storage) == []
