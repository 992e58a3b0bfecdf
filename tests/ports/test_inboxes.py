from dataclasses import replace
from datetime import timedelta

import pytest
from support.exchange import CH_CUSTOMS, FR_CUSTOMS, FR_MA, ids, inbox_item
from support.keys import NOW
from support.permits import digest_of, sealed

PERMIT_ID = "permit-1"


@pytest.fixture
async def original(storage):
    """A stored permit that inbox items point to; gives its bytes."""
    kept = sealed()
    async with storage.write() as transaction:
        await transaction.permits.add(kept, digest=digest_of(kept), new_id=PERMIT_ID, at=NOW)
    return kept.document.original


async def put(storage, *items):
    async with storage.write() as transaction:
        return await transaction.inboxes.put(items)


async def waiting(storage, authority=FR_CUSTOMS, after="", limit=100):
    async with storage.read() as transaction:
        return await transaction.inboxes.waiting(authority, after=after, limit=limit)


async def get(storage, authority, item_id):
    async with storage.read() as transaction:
        return await transaction.inboxes.get(authority, item_id)


async def acknowledge(storage, authority, item_id, at=NOW):
    async with storage.write() as transaction:
        return await transaction.inboxes.acknowledge(authority, item_id, at)


async def test_an_item_waits_with_every_field(storage):
    """What was handed over is listed exactly as it was put in."""
    item = inbox_item()
    assert await put(storage, item) == {item.id}
    assert await waiting(storage) == [item]


async def test_an_authority_gets_a_permit_once(storage):
    """A second item for the same authority and permit is refused, under a new id too."""
    item = inbox_item()
    assert await put(storage, item) == {item.id}
    assert await put(storage, replace(item, id=ids(1)[0])) == frozenset()
    assert await waiting(storage) == [item]


async def test_of_several_items_only_the_new_ones_are_named(storage):
    """A list in which one authority had the permit before keeps and names the others."""
    known = inbox_item()
    await put(storage, known)
    again, new = replace(known, id=ids(1)[0]), replace(known, id=ids(2)[1], authority=FR_MA)
    assert await put(storage, again, new) == {new.id}
    assert await waiting(storage) == [known]
    assert await waiting(storage, FR_MA) == [new]


async def test_the_same_permit_twice_in_one_list_is_handed_over_once(storage):
    """Also within one call an authority gets a permit once."""
    first, second = (inbox_item(id=each, permit_id="same") for each in ids(2))
    assert await put(storage, first, second) == {first.id}
    assert await waiting(storage) == [first]


async def test_handing_over_nothing_is_allowed(storage):
    """A permit for nobody here is an empty list."""
    assert await put(storage) == frozenset()


async def test_a_permit_that_was_acknowledged_does_not_come_back(storage, original):
    """Once taken, the same permit cannot be handed over to the same authority again."""
    item = inbox_item(permit_id=PERMIT_ID)
    await put(storage, item)
    await acknowledge(storage, item.authority, item.id)
    assert await put(storage, replace(item, id=ids(1)[0])) == frozenset()
    assert await waiting(storage) == []


async def test_the_same_permit_goes_to_each_authority(storage):
    """Management Authority and customs each get their own item."""
    item = inbox_item()
    other = replace(item, id=ids(1)[0], authority=FR_MA)
    assert await put(storage, item, other) == {item.id, other.id}
    assert len(await waiting(storage)) == len(await waiting(storage, FR_MA)) == 1


async def test_items_come_oldest_first_and_in_pages(storage):
    """`limit` cuts the list, and `after` goes on behind the last item seen."""
    items = [inbox_item(id=each) for each in ids(5)]
    await put(storage, *reversed(items))
    assert await waiting(storage) == items
    assert await waiting(storage, limit=2) == items[:2]
    assert await waiting(storage, after=items[1].id, limit=2) == items[2:4]
    assert await waiting(storage, after=items[4].id) == []


async def test_an_item_comes_with_the_original_bytes(storage, original):
    """The authority gets the permit byte for byte as it was sealed."""
    item = inbox_item(permit_id=PERMIT_ID)
    await put(storage, item)
    assert await get(storage, item.authority, item.id) == (item, original)


async def test_a_foreign_inbox_is_not_visible(storage, original):
    """Nobody lists, opens or acknowledges what waits for another authority, same Party or not."""
    item = inbox_item(permit_id=PERMIT_ID)
    await put(storage, item)
    for stranger in (FR_MA, CH_CUSTOMS):
        assert await waiting(storage, stranger) == []
        assert await get(storage, stranger, item.id) is None
        assert await acknowledge(storage, stranger, item.id) is None
    assert await waiting(storage) == [item]


async def test_an_unknown_item_is_none(storage):
    """An id that does not exist is None, for reading and for acknowledging."""
    assert await get(storage, FR_CUSTOMS, "nothing") is None
    assert await acknowledge(storage, FR_CUSTOMS, "nothing") is None


async def test_an_acknowledged_item_no_longer_waits(storage, original):
    """Acknowledging takes an item off the list; it can still be opened."""
    item = inbox_item(permit_id=PERMIT_ID)
    await put(storage, item)
    taken = await acknowledge(storage, item.authority, item.id)
    assert taken == replace(item, acknowledged_at=NOW)
    assert await waiting(storage) == []
    assert await get(storage, item.authority, item.id) == (taken, original)


async def test_the_first_acknowledgement_counts(storage, original):
    """Acknowledging again keeps the time of the first one."""
    item = inbox_item(permit_id=PERMIT_ID)
    await put(storage, item)
    first = await acknowledge(storage, item.authority, item.id)
    assert await acknowledge(storage, item.authority, item.id, NOW + timedelta(days=1)) == first
