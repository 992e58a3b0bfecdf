from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, ids, log_entry
from support.keys import NOW
from support.log_filter import erased

from gateway.clock import new_id
from gateway.messagelog.entry import EntryKind
from gateway.messagelog.query import LogQuery
from gateway.storage import log_search


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
        ("actor", "FR:MA", "FR:MA-Two"),
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


async def test_several_kinds_are_any_of_them(storage):
    """A search for two kinds finds both and no third."""
    sent, failed, asked = (
        log_entry(id=each, kind=kind)
        for each, kind in zip(ids(3), (EntryKind.SENT, EntryKind.FAILED, EntryKind.ASKED), strict=True)
    )
    await append(storage, sent, failed, asked)
    assert await search(storage, kinds=(EntryKind.SENT, EntryKind.FAILED)) == [failed, sent]


async def test_an_error_code_is_the_outcome_of_what_went_wrong(storage):
    """The same word as the outcome of something else is none."""
    refused, failed, other = (
        log_entry(id=each, kind=kind, outcome="storage_error")
        for each, kind in zip(ids(3), (EntryKind.REFUSED, EntryKind.FAILED, EntryKind.ASKED), strict=True)
    )
    await append(storage, refused, failed, other)
    assert await search(storage, error_code="storage_error") == [failed, refused]


@pytest.mark.parametrize(
    "text",
    ["species", "SPECIES unlisted", "Délivré", "delivre", "codes.species-unlisted", "unlisted, (delivre)"],
)
async def test_words_of_the_detail_are_found(storage, text):
    """In any order, whatever the capitals, accents and marks."""
    hit, miss = ids(2)
    hit = log_entry(id=hit, detail="codes.species-unlisted: délivré le 3 mai")
    await append(storage, hit, log_entry(id=miss, detail="speciesunlisted delivrer codes"))
    assert await search(storage, text=text) == [hit]


async def test_all_words_must_be_there_and_none_in_part(storage):
    """A part of a word is none, and one that is missing is enough for nothing to be found."""
    await append(storage, log_entry(detail="the permit was refused"))
    assert await search(storage, text="refuse") == []
    assert await search(storage, text="permit missing") == []
    assert await search(storage, text="%") == await search(storage)


async def test_somebody_sees_what_concerns_theirs(storage):
    """Authority or actor is one of them; nobody's entries and others' are not shown, whatever is asked."""
    of_theirs, by_theirs, of_others, of_nobody = (
        log_entry(id=each, authority=authority, actor=actor)
        for each, (authority, actor) in zip(
            ids(4), [("CH:MA", "fr"), ("FR:MA", "CH:MA"), ("FR:MA", "FR:MA"), ("", "gateway")], strict=True
        )
    )
    await append(storage, of_theirs, by_theirs, of_others, of_nobody)
    theirs = frozenset({CH_MA, CH_CUSTOMS})
    assert await search(storage, visible_to=theirs) == [by_theirs, of_theirs]
    assert await search(storage, visible_to=theirs, number="CH-9999") == []
    assert await search(storage, visible_to=theirs, message_id=of_others.message_id) == []
    assert await search(storage, visible_to=frozenset()) == []
    assert len(await search(storage, visible_to=None)) == 4


async def test_all_conditions_hold_together(storage):
    """Two conditions find only the entry for which both hold."""
    both = log_entry(partner="fr", outcome="refused")
    await append(
        storage, both, log_entry(partner="fr", outcome="x"), log_entry(partner="x", outcome="refused")
    )
    assert await search(storage, partner="fr", outcome="refused") == [both]


async def test_since_is_inclusive_and_until_exclusive(storage):
    """The time from which counts belongs to the range; the time until which does not."""
    entries = [log_entry(id=new_id(at), at=at) for at in (NOW + timedelta(hours=hour) for hour in range(4))]
    await append(storage, *entries)
    found = await search(storage, since=entries[1].at, until=entries[3].at)
    assert found == [entries[2], entries[1]]


async def test_an_entry_that_waited_for_the_database_has_the_time_at_which_it_happened(storage):
    """Its id is a little younger, or older when a clock was set back; what counts is the time."""
    seconds = timedelta(seconds=20)
    late, early = log_entry(id=new_id(NOW + seconds), at=NOW), log_entry(id=new_id(NOW - seconds), at=NOW)
    await append(storage, late, early)
    assert await search(storage, since=NOW, until=NOW + timedelta(seconds=1)) == [late, early]


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


async def test_stretches_of_the_log_meet_without_a_gap_or_a_double(storage, monkeypatch):
    """Every entry matches, and no stretch has enough of them: the border of two is found once."""
    monkeypatch.setattr(log_search, "FIRST", 3)
    monkeypatch.setattr(log_search, "GROWTH", 2)
    moments = [NOW - timedelta(hours=hours) for hours in (90, 41, 40, 3, 2, 2, 1, 0)]
    entries = [log_entry(id=new_id(at), at=at) for at in moments]
    entries.sort(key=lambda entry: entry.id)
    await append(storage, *entries)
    for limit in range(1, len(entries) + 2):
        assert await search(storage, partner="ch", limit=limit) == entries[::-1][:limit]


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


async def test_what_matches_is_counted(storage):
    """All of it, whatever the limit, and from the cursor on."""
    entries = [log_entry(id=each, partner="fr" if n % 2 else "de") for n, each in enumerate(ids(6))]
    await append(storage, *entries)
    async with storage.read() as transaction:
        assert await transaction.log.count(LogQuery(partner="fr", limit=1)) == 3
        assert await transaction.log.count(LogQuery(partner="fr", before=entries[3].id)) == 1


async def test_the_words_of_an_entry_can_be_erased(storage):
    """What its leaf says too stays; the rest is empty, is not found any more, and stays so."""
    old, new = ids(2)
    old = log_entry(id=old, detail="Mrs Muster asked", salt=b"1" * 16, headers={"sender": "CH:MA"})
    new = log_entry(id=new)
    await append(storage, old, new)
    async with storage.write() as transaction:
        assert await transaction.log.erase([old.id], NOW) == 1
        assert await transaction.log.erase([old.id], NOW + timedelta(days=1)) == 0
    bare = erased(old, NOW)
    assert await search(storage) == [new, bare]
    assert (bare.digest, bare.message_id, bare.authority) == (old.digest, old.message_id, old.authority)
    assert (bare.number, bare.actor, bare.detail, bare.headers, bare.salt) == ("", "", "", {}, b"")
    for conditions in ({"text": "muster"}, {"correlation_id": old.correlation_id}, {"number": old.number}):
        assert bare not in await search(storage, **conditions)


async def test_what_is_to_be_erased_is_found_oldest_first(storage):
    """In pages; what was erased before, and what is from the moment or later, is not among it."""
    entries = [log_entry(id=new_id(at), at=at) for at in (NOW + timedelta(hours=hour) for hour in range(5))]
    await append(storage, *entries)
    async with storage.write() as transaction:
        await transaction.log.erase([entries[1].id], NOW)
    async with storage.read() as transaction:
        first = await transaction.log.unerased(entries[4].at, after="", limit=2)
        assert first == [entries[0], entries[2]]
        assert await transaction.log.unerased(entries[4].at, after=first[-1].id, limit=2) == [entries[3]]
