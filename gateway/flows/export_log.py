"""Somebody takes entries of the message log away as a file."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace

from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail
from gateway.messagelog.entry import EntryKind
from gateway.messagelog.files import FileFormat, head, lines
from gateway.messagelog.query import LogQuery

BATCH = 1000
"""Entries in memory at once."""

SECONDS = 20.0
"""How long one batch may take; nobody waits at a page for it."""


async def export_log(
    query: LogQuery,
    format_: FileFormat,
    node: Node,
    trail: Trail,
    progress: Callable[[int], None] = lambda _: None,
) -> AsyncGenerator[bytes]:
    """
    All that matches, newest first, as pieces of a file; `query.limit` does not count.

    1. Log who takes what, before the first byte leaves: `trail.actor` and the conditions.
    2. One batch after the other, each in a transaction of its own, so that however long the export takes it
       holds up nobody. What is written meanwhile is not in it.

    `progress` is told the number of each batch. Raises `GatewayBusy`, `SearchTooSlow` and `StorageError`,
    also in the middle: then the file is not whole.
    """
    # 1
    told = f"{format_}; {query.told() or 'everything'}"
    noted = entry(node.clock, EntryKind.EXPORTED, trail, outcome="log", detail=told)
    async with node.storage.write() as transaction:
        await transaction.log.append(noted)
    # 2
    query = replace(query, before=min(query.before or noted.id, noted.id), limit=BATCH)
    yield head(format_).encode()
    while True:
        async with node.searches.place(), node.storage.read() as transaction:
            found = await transaction.log.search(query, seconds=SECONDS)
        if found:
            yield lines(found, format_).encode()
            progress(len(found))
        if len(found) < BATCH:
            return
        query = query.after(found[-1].id)


async def count_matches(query: LogQuery, node: Node) -> int:
    """How many entries an export will have; looks at all of them, so it may take seconds."""
    async with node.storage.read() as transaction:
        return await transaction.log.count(query)
