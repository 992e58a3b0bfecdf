"""Somebody searches the message log: pages, places, time."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from support.exchange import CH_MA, FR_MA, ids, log_entry
from support.keys import NOW

from gateway.errors import GatewayBusy
from gateway.flows.ports import Node
from gateway.flows.search_log import LONGEST_PAGE, SECONDS, find_entry, search_log
from gateway.flows.search_places import SearchPlaces
from gateway.messagelog.query import LogQuery


async def logged(ch: Node, *entries):
    """Entries of the log."""
    async with ch.storage.write() as transaction:
        await transaction.log.append(*entries)


async def test_a_page_says_whether_there_is_another_one(ch: Node) -> None:
    """Three entries in pages of two; the last page has no next one, also when it is full."""
    entries = [log_entry(id=each) for each in ids(4)]
    await logged(ch, *entries)
    first = await search_log(LogQuery(limit=2), ch)
    assert (first.entries, first.following) == ((entries[3], entries[2]), entries[2].id)
    second = await search_log(LogQuery(limit=2, before=first.following), ch)
    assert (second.entries, second.following) == ((entries[1], entries[0]), "")


@pytest.mark.parametrize(("asked", "given"), [(0, 2), (-5, 2), (10**9, LONGEST_PAGE + 1)])
async def test_a_page_has_a_sensible_length(ch: Node, monkeypatch, asked, given) -> None:
    """At least one entry, and never so many that they fill the memory."""
    wanted = []

    async def search(_self, query, *, seconds):
        wanted.append((query.limit, seconds))
        return []

    monkeypatch.setattr("support.memory.log.MemoryLog.search", search)
    await search_log(LogQuery(limit=asked), ch)
    assert wanted == [(given, SECONDS)]


async def test_one_entry_is_found_by_its_id_by_who_may_see_it(ch: Node) -> None:
    """Guessing the id of somebody else's entry finds nothing."""
    entry = log_entry(authority="FR:MA", actor="FR:MA")
    await logged(ch, entry)
    assert await find_entry(entry.id, LogQuery(), ch) == entry
    assert await find_entry(entry.id, LogQuery(visible_to=frozenset({FR_MA})), ch) == entry
    assert await find_entry(entry.id, LogQuery(visible_to=frozenset({CH_MA})), ch) is None
    assert await find_entry(ids(1)[0], LogQuery(), ch) is None


async def test_only_so_many_search_at_once(ch: Node) -> None:
    """One more is turned away after a while; when a place is given back the next one has it."""
    ch.searches = SearchPlaces(2, patience_seconds=0.01)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(ch.searches.place())
        with pytest.raises(GatewayBusy, match="as many searches"):
            await search_log(LogQuery(), ch)
    assert (await search_log(LogQuery(), ch)).entries == ()


async def test_a_search_waits_for_a_place(ch: Node) -> None:
    """Others end soon, so who waits a little is served."""
    ch.searches = SearchPlaces(1, patience_seconds=60)
    async with ch.searches.place():
        waiting = asyncio.create_task(search_log(LogQuery(since=NOW), ch))
        await asyncio.sleep(0)
        assert not waiting.done()
    assert (await waiting).entries == ()
