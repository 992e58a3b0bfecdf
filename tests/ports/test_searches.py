from dataclasses import replace
from datetime import timedelta

from support.exchange import CH_MA, ids
from support.keys import NOW

from gateway.messagelog.entry import EntryKind
from gateway.messagelog.query import LogQuery
from gateway.messagelog.saved import SavedSearch

FULL = LogQuery(
    id="one",
    number="26/CH/0417-A",
    issuer="CH",
    partner="fr",
    authority="FR:MA",
    actor="worker",
    kinds=(EntryKind.SENT, EntryKind.FAILED),
    outcome="delivered",
    error_code="storage_error",
    message_id="two",
    correlation_id="three",
    text="Größe 'x'",
    since=NOW,
    until=NOW + timedelta(days=1),
)


def saved(**changes):
    """A search of one person."""
    return replace(SavedSearch(ids(1)[0], "anna", LogQuery(partner="fr"), NOW), **changes)


async def keep(storage, *searches):
    async with storage.write() as transaction:
        for search in searches:
            await transaction.searches.keep(search)


async def named(storage, person="anna"):
    async with storage.read() as transaction:
        return await transaction.searches.named(person)


async def find(storage, search_id, person="anna"):
    async with storage.read() as transaction:
        return await transaction.searches.find(search_id, person)


async def test_every_condition_comes_back(storage):
    """A search is found as it was kept, a nearly empty one too."""
    full, bare = saved(query=FULL, name="all of it"), saved(query=LogQuery())
    await keep(storage, full, bare)
    assert await find(storage, full.id) == full
    assert await find(storage, bare.id) == bare


async def test_a_search_belongs_to_one_person(storage):
    """Nobody finds, lists or deletes that of another one, also when they know its id."""
    search = saved(name="mine")
    await keep(storage, search)
    assert await find(storage, search.id, "berta") is None
    assert await named(storage, "berta") == []
    async with storage.write() as transaction:
        assert not await transaction.searches.forget(search.id, "berta")
    assert await named(storage) == [search]


async def test_a_name_is_there_once(storage):
    """The later search takes the place of the earlier one; another person's stays."""
    first, theirs, second = (
        saved(name="stuck"),
        saved(name="stuck", person="berta"),
        saved(name="stuck", query=LogQuery(partner="de")),
    )
    await keep(storage, first, theirs, second)
    assert await named(storage) == [second]
    assert await named(storage, "berta") == [theirs]


async def test_named_ones_are_listed_by_name(storage):
    """Those without a name are not."""
    b, a = saved(name="b"), saved(name="a")
    await keep(storage, b, saved(), a, saved())
    assert await named(storage) == [a, b]


async def test_those_without_a_name_are_forgotten_after_a_while(storage):
    """Two of one person do not replace each other; one with a name stays however old it is."""
    old, young, kept = saved(), saved(at=NOW + timedelta(hours=1)), saved(name="kept")
    await keep(storage, old, young, kept)
    async with storage.write() as transaction:
        assert await transaction.searches.forget_unnamed(NOW + timedelta(minutes=1)) == 1
    assert [await find(storage, each.id) for each in (old, young, kept)] == [None, young, kept]


async def test_one_can_be_deleted(storage):
    """Once."""
    search = saved(name="a")
    await keep(storage, search)
    async with storage.write() as transaction:
        assert await transaction.searches.forget(search.id, "anna")
        assert not await transaction.searches.forget(search.id, "anna")


def test_what_is_kept_says_nothing_about_who_sees_what():
    """Cursor, limit and visibility belong to whoever uses the search."""
    asked = replace(FULL, visible_to=frozenset({CH_MA}), before="x", limit=5).asked()
    assert asked == FULL.asked()
