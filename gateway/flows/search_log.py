"""Somebody searches the message log."""

from dataclasses import dataclass, replace

from gateway.flows.ports import Node
from gateway.messagelog.entry import Entry
from gateway.messagelog.query import LogQuery

SECONDS = 3.0
"""How long a search may take; nearly all end within a tenth of one."""

LONGEST_PAGE = 1000


@dataclass(frozen=True, slots=True)
class LogPage:
    """Entries, newest first."""

    entries: tuple[Entry, ...]
    following: str
    """The cursor of the next page, for `before`; empty when there is none."""


async def search_log(query: LogQuery, node: Node) -> LogPage:
    """
    One page of what matches; `query.visible_to` says whose entries whoever asks may see.

    1. Wait for a place: only so many searches run at once, so that messages always find a connection.
    2. Search for one entry more than the page has: only then is there another page.

    Raises `GatewayBusy` without a place, `SearchTooSlow` after `SECONDS`, and `StorageError`.
    """
    limit = min(max(query.limit, 1), LONGEST_PAGE)
    # 1
    async with node.searches.place(), node.storage.read() as transaction:
        # 2
        found = await transaction.log.search(replace(query, limit=limit + 1), seconds=SECONDS)
    page = tuple(found[:limit])
    return LogPage(page, page[-1].id if len(found) > limit else "")


async def find_entry(entry_id: str, query: LogQuery, node: Node) -> Entry | None:
    """The entry with that id, if it matches and `query.visible_to` may see it; else None."""
    async with node.searches.place(), node.storage.read() as transaction:
        found = await transaction.log.search(replace(query, id=entry_id, limit=1), seconds=SECONDS)
    return found[0] if found else None
