from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from support.exchange import ids, log_entry
from support.keys import NOW

from gateway.messagelog.entry import EntryKind
from gateway.messagelog.query import LogQuery


async def append(storage, *entries):
    async with storage.write() as transaction:
        await transaction.log.append(*entries)


async def search(storage, **conditions):
    async with storage.read() as transaction:
        return await transaction.log.search(LogQuery(**conditions))


async def test_every_field_of_an_entry_comes_back(storage):
    """An entry is found exactly as it was written, and an almost empty one too."""
    first, second = ids(2)
    full = log_entry(id=second, detail="Größe 'x' \N{SNOWMAN}\nnext line")
    bare = log_entry(
        id=first, actor="", partner="", authority="", message_id="", issuer="", number="", digest="",
        outcome="", detail="",
    )  # fmt: skip
    await append(storage, full, bare)
    assert await search(storage) == [full, bare]


async def test_writing_nothing_is_allowed(storage):
    """A flow without anything to say may append no entry."""
    await append(storage)
    assert await search(storage) == []


@pytest.mark.parametrize(
    ("name", "wanted", "other"),
    [
        ("number", "CH-1", "CH-10"),
        ("issuer", "CH", "FR"),
        ("partner", "ch", "fr"),
        ("authority", "FR:MA", "FR:MA-Two"),
        ("kind", EntryKind.SENT, EntryKind.FAILED),
        ("outcome", "accepted", "accepted-with-warnings"),
        ("message_id", "one", "two"),
        ("correlation_id", "one", "two"),
    ],
)
async def test_each_field_is_searched_whole(storage, name, wanted, other):
    """A condition finds the entries whose field is exactly that, and no others."""
    hit, miss = log_entry(**{name: wanted}), log_entry(**{name: other})
    await append(storage, hit, miss)
    assert await search(storage, **{name: str(wanted)}) == [hit]


async def test_an_unknown_kind_finds_nothing(storage):
    """A word that is no kind gives an empty list, not an error."""
    await append(storage, log_entry())
    assert await search(storage, kind="nonsense") == []


async def test_all_conditions_hold_together(storage):
    """Two conditions find only the entry for which both hold."""
    both = log_entry(partner="fr", outcome="refused")
    await append(
        storage, both, log_entry(partner="fr", outcome="x"), log_entry(partner="x", outcome="refused")
    )
    assert await search(storage, partner="fr", outcome="refused") == [both]


async def test_since_is_inclusive_and_until_exclusive(storage):
    """The time from which counts belongs to the range; the time until which does not."""
    entries = [log_entry(id=each, at=NOW + timedelta(hours=hour)) for hour, each in enumerate(ids(4))]
    await append(storage, *entries)
    found = await search(storage, since=entries[1].at, until=entries[3].at)
    assert found == [entries[2], entries[1]]


async def test_a_time_in_another_zone_is_the_same_moment(storage):
    """An operator may ask in local time."""
    entry = log_entry()
    await append(storage, entry)
    local = NOW.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert await search(storage, since=local, until=local + timedelta(seconds=1)) == [entry]


async def test_newest_come_first_and_pages_do_not_overlap(storage):
    """`limit` and `before` walk the whole log once, newest first."""
    entries = [log_entry(id=each) for each in ids(7)]
    await append(storage, *entries)
    pages, before = [], ""
    while page := await search(storage, limit=3, before=before):
        pages.append(len(page))
        assert page == list(reversed(entries))[sum(pages) - len(page) : sum(pages)]
        before = page[-1].id
    assert pages == [3, 3, 1]


async def test_paging_goes_together_with_conditions(storage):
    """The cursor counts within the entries that match."""
    entries = [log_entry(id=each, partner="fr" if n % 2 else "de") for n, each in enumerate(ids(6))]
    await append(storage, *entries)
    first = await search(storage, partner="fr", limit=2)
    second = await search(storage, partner="fr", limit=2, before=first[-1].id)
    assert first + second == [entries[5], entries[3], entries[1]]


async def test_odd_text_is_data(storage):
    """Quotes, percent signs and SQL in a condition are compared, never executed."""
    odd = log_entry(number="' OR 1=1 --")
    await append(storage, odd, replace(log_entry(), number="100%"))
    assert await search(storage, number="' OR 1=1 --") == [odd]
    assert await search(storage, number="%") == []
