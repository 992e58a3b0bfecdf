"""Entries of the message log get their place in its tree, a moment after they were written."""

import secrets
from dataclasses import replace

from gateway.flows.ports import Node
from gateway.messagelog.kept import Head, Placed
from gateway.messagelog.leaf import KEY_BYTES, leaf_of
from gateway.messagelog.tiles import edge_tiles, grown
from gateway.messagelog.tree import leaf_hash

BATCH = 250
"""Entries in one transaction: on SQLite, where writers take turns, some ten milliseconds."""


def new_head(node: Node) -> Head:
    """With what a log begins: a name that no other log has, and a key of its own."""
    return Head(f"ecites-log/{node.clock.new_id()}", secrets.token_bytes(KEY_BYTES))


async def place_waiting(node: Node, limit: int = BATCH) -> int:
    """
    Give the entries that wait longest, up to `limit`, their places; returns how many.

    1. Be alone among all processes. While another one is at it there is nothing to do here.
    2. Make the leaves of the entries that wait.
    3. Let the tree grow: only the tiles at its edge are read and written.
    4. Keep it all in the same transaction. An entry has its place and does not wait any more, or neither.

    Whoever writes entries waits for none of this. Raises `ProofRefused` when what is kept of the tree
    contradicts itself; nothing is added to such a tree.
    """
    async with node.storage.read() as transaction:
        if not (await transaction.log_tree.unplaced()).count:
            return 0
    async with node.storage.write() as transaction:
        # 1
        head = await transaction.log_tree.lock(new_head(node), wait=False)
        if head is None:
            return 0
        # 2
        entries = await transaction.log_tree.next_entries(limit)
        if not entries:
            return 0
        leaves = [leaf_of(entry, head.permit_key).canonical() for entry in entries]
        # 3
        tiles = await transaction.log_tree.tiles(edge_tiles(head.size))
        changed = grown(head.size, tiles, map(leaf_hash, leaves))
        # 4
        placed = [
            Placed(seq, entry.id, leaf)
            for seq, (entry, leaf) in enumerate(zip(entries, leaves, strict=True), start=head.size)
        ]
        await transaction.log_tree.place(replace(head, size=head.size + len(placed)), placed, changed)
    return len(placed)


async def place_all(node: Node) -> int:
    """
    Give every entry that waits now its place, as far as no other process is at it; returns how many.

    It ends with a batch that is not full, however many are written meanwhile.
    """
    total, placed = 0, BATCH
    while placed == BATCH:
        placed = await place_waiting(node)
        total += placed
    return total
