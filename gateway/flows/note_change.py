"""What this gateway believes has changed: the message log says so before it counts."""

from collections.abc import Sequence

from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail
from gateway.messagelog.entry import EntryKind


async def note_change(changes: Sequence[str], node: Node) -> None:
    """
    Log what changes, as sentences, in one entry; nothing when nothing does.

    Who changed it and why was logged by the command that did it; this entry says since when it counts. Raises
    `StorageError`: then it must not count.
    """
    if not changes:
        return
    detail = "; ".join(changes)
    async with node.storage.write() as transaction:
        await transaction.log.append(
            entry(node.clock, EntryKind.CHANGED, Trail(actor="gateway"), outcome="in-force", detail=detail)
        )
