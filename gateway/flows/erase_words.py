"""The words of entries are lawfully erased; the log says so, and its tree still verifies."""

from collections.abc import Sequence

from gateway.flows.author import Author
from gateway.flows.journal import entry
from gateway.flows.ports import Node, Trail
from gateway.flows.sequence import place_all
from gateway.messagelog.entry import EntryKind
from gateway.messagelog.rebuild import ERASED

MOST = 500
"""Entries erased in one transaction."""


async def erase_words(entry_ids: Sequence[str], author: Author, node: Node) -> int:
    """
    Erase who acted, the permit, the sentence and the headers of entries; returns how many were erased.

    1. Give what waits its place: only what has one leaves a digest behind.
    2. Erase those that have one, and write an entry about each: which, who erased it, why. Without it
       verification calls the words missing.

    Raises `StorageError`.
    """
    # 1
    await place_all(node)
    erased = 0
    for begin in range(0, len(entry_ids), MOST):
        # 2
        async with node.storage.write() as transaction:
            placed = await transaction.log_tree.placed(entry_ids[begin : begin + MOST])
            for each in dict.fromkeys(leaf.entry_id for leaf in placed):
                if not await transaction.log.erase([each], node.clock.now()):
                    continue
                trail = Trail(actor=author.who, message_id=each)
                told = entry(node.clock, EntryKind.OPERATED, trail, outcome=ERASED, detail=author.reason)
                await transaction.log.append(told)
                erased += 1
    return erased
