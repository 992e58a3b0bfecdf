"""People keep what they looked for in the message log."""

from gateway.errors import MalformedRequest, NotFound
from gateway.flows.ports import Node
from gateway.messagelog.query import LogQuery, query_of
from gateway.messagelog.saved import LONGEST_NAME, MOST_NAMED, REMEMBERED, SavedSearch


async def keep_search(query: LogQuery, person: str, node: Node, name: str = "") -> SavedSearch:
    """
    Keep a search of `person` (id or name, as long as it is always the same); without a name for a day.

    1. Forget what was only remembered, and long enough.
    2. Keep it; one with a name takes the place of the person's other one of that name.

    Whose entries they may see is not kept: it counts anew whenever the search is used. Raises
    `MalformedRequest` for a name that is too long, and for one more than `MOST_NAMED`.
    """
    at, name = node.clock.now(), " ".join(name.split())
    if len(name) > LONGEST_NAME:
        raise MalformedRequest(
            f"the name of the search has {len(name)} characters, more than {LONGEST_NAME}",
            advice="shorten it",
        )
    asked = query_of(query.asked())
    search = SavedSearch(node.clock.new_id(), person, asked, at, name)
    async with node.storage.write() as transaction:
        # 1
        await transaction.searches.forget_unnamed(at - REMEMBERED)
        # 2
        known = {each.name for each in await transaction.searches.named(person)} if name else set()
        if len(known - {name}) >= MOST_NAMED:
            raise MalformedRequest(
                f"{MOST_NAMED} searches are kept already, as many as one person may have",
                advice="delete one that you do not need any more",
            )
        await transaction.searches.keep(search)
    return search


async def find_search(search_id: str, person: str, node: Node) -> SavedSearch:
    """
    A search of `person`.

    Raises `NotFound`, also for that of somebody else, and for one without a name that is forgotten.
    """
    async with node.storage.read() as transaction:
        found = await transaction.searches.find(search_id, person)
    if found is None or not (found.name or found.at > node.clock.now() - REMEMBERED):
        raise NotFound("this search is not kept any more", advice="search again")
    return found


async def named_searches(person: str, node: Node) -> list[SavedSearch]:
    """The searches of `person` that have a name, by name."""
    async with node.storage.read() as transaction:
        return await transaction.searches.named(person)


async def forget_search(search_id: str, person: str, node: Node) -> None:
    """Delete a search of `person`; raises `NotFound` when there is none."""
    async with node.storage.write() as transaction:
        if not await transaction.searches.forget(search_id, person):
            raise NotFound("this search is not kept any more", advice="look at the list again")
