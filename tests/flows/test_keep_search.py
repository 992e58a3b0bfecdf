"""People keep what they looked for in the message log."""

from datetime import timedelta

import pytest
from support.exchange import CH_MA
from support.gateways import SetClock

from gateway.errors import MalformedRequest, NotFound
from gateway.flows.keep_search import find_search, forget_search, keep_search, named_searches
from gateway.flows.ports import Node
from gateway.messagelog.query import LogQuery
from gateway.messagelog.saved import LONGEST_NAME, MOST_NAMED, REMEMBERED

QUERY = LogQuery(number="26/CH/0417-A", partner="fr")


async def test_a_search_is_found_again_by_its_id_alone(ch: Node) -> None:
    """So a page can be asked for again without a permit's number in its address."""
    kept = await keep_search(QUERY, "anna", ch)
    assert (await find_search(kept.id, "anna", ch)).query == QUERY


async def test_who_may_see_what_is_not_kept(ch: Node) -> None:
    """Nor are cursor and limit: a search does not keep rights that its owner may lose."""
    asked = LogQuery(partner="fr", visible_to=frozenset({CH_MA}), before="x", limit=7)
    kept = await keep_search(asked, "anna", ch)
    assert kept.query == (await find_search(kept.id, "anna", ch)).query == LogQuery(partner="fr")


async def test_nobody_reaches_the_search_of_somebody_else(ch: Node) -> None:
    """Knowing the id is not enough."""
    kept = await keep_search(QUERY, "anna", ch, name="mine")
    with pytest.raises(NotFound):
        await find_search(kept.id, "berta", ch)
    with pytest.raises(NotFound):
        await forget_search(kept.id, "berta", ch)
    assert await named_searches("berta", ch) == []
    assert await named_searches("anna", ch) == [kept]


async def test_without_a_name_it_is_forgotten_after_a_day(ch: Node, clock: SetClock) -> None:
    """At once for whoever asks, and from the table with the next search; with a name it stays."""
    bare, named = await keep_search(QUERY, "anna", ch), await keep_search(QUERY, "anna", ch, name="a")
    clock.at += REMEMBERED + timedelta(seconds=1)
    with pytest.raises(NotFound, match="not kept any more"):
        await find_search(bare.id, "anna", ch)
    await keep_search(QUERY, "berta", ch)
    async with ch.storage.read() as transaction:
        assert await transaction.searches.find(bare.id, "anna") is None
    assert await find_search(named.id, "anna", ch) == named


async def test_names_are_tidied_and_bounded(ch: Node) -> None:
    """White space at the ends and in a row does not count; a name that is too long is refused."""
    assert (await keep_search(QUERY, "anna", ch, name="  stuck \n in France ")).name == "stuck in France"
    with pytest.raises(MalformedRequest, match="65 characters"):
        await keep_search(QUERY, "anna", ch, name="x" * (LONGEST_NAME + 1))


async def test_one_person_keeps_only_so_many(ch: Node) -> None:
    """One more is refused; changing one of them, and searching without a name, still works."""
    for number in range(MOST_NAMED):
        await keep_search(QUERY, "anna", ch, name=f"n{number}")
    with pytest.raises(MalformedRequest, match="100 searches"):
        await keep_search(QUERY, "anna", ch, name="one more")
    await keep_search(LogQuery(), "anna", ch, name="n7")
    await keep_search(QUERY, "anna", ch)
    await keep_search(QUERY, "berta", ch, name="one more")
    assert len(await named_searches("anna", ch)) == MOST_NAMED


async def test_a_search_can_be_deleted(ch: Node) -> None:
    """Then it is not listed any more, and cannot be deleted again."""
    kept = await keep_search(QUERY, "anna", ch, name="a")
    await forget_search(kept.id, "anna", ch)
    assert await named_searches("anna", ch) == []
    with pytest.raises(NotFound):
        await forget_search(kept.id, "anna", ch)
