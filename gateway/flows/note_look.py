"""Who looked at what is in the message log before they see it."""

from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail
from gateway.messagelog.entry import EntryKind

MAX_DETAIL = 500
"""Characters of what somebody asked for."""


async def note_look(what: str, asked: str, node: Node, trail: Trail) -> None:
    """
    Log that `trail.actor` looks at `what`; `asked` is what they searched for.

    Raises `StorageError`: then they must not see it.
    """
    async with node.storage.write() as transaction:
        await transaction.log.append(
            entry(node.clock, EntryKind.LOOKED, trail, outcome=what, detail=asked[:MAX_DETAIL])
        )
