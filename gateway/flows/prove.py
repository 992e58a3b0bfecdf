"""Proofs for somebody who has a checkpoint of our log: that entries are in it, that it has only grown."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.errors import NotFound
from gateway.flows.make_checkpoint import make_checkpoint
from gateway.flows.ports import Node
from gateway.messagelog.checkpoint import Note, read_note
from gateway.messagelog.entry import Entry
from gateway.messagelog.leaf import content_of
from gateway.messagelog.proof import (
    Proof,
    check_consistency,
    consistency,
    inclusion,
    root,
    tiles_for_consistency,
    tiles_for_inclusion,
    tiles_for_root,
)
from gateway.messagelog.proven_entry import ProvenEntry
from gateway.messagelog.query import LogQuery

MOST = 1000
"""Entries about one message; there are a dozen, and some for each repetition."""


@dataclass(frozen=True, slots=True)
class ProvenEntries:
    """Entries, and the checkpoint under which they stand."""

    note: Note
    entries: tuple[ProvenEntry, ...]
    """In the order of their places."""


@dataclass(frozen=True, slots=True)
class Growth:
    """A log was smaller once, and has only grown since."""

    first: int
    first_root: bytes
    note: Note
    proof: Proof


async def entries_of_message(message_id: str, node: Node) -> list[Entry]:
    """Everything that was logged about a message, the oldest first; raises `NotFound` when nothing was."""
    async with node.storage.read() as transaction:
        found = (
            await transaction.log.search(LogQuery(message_id=message_id, limit=MOST)) if message_id else []
        )
    if not found:
        raise NotFound(
            f"nothing is logged about message {message_id!r}",
            advice="ids: ecites log search, or delivery list",
        )
    return sorted(found, key=lambda entry: entry.id)


async def entry_with(entry_id: str, node: Node) -> Entry:
    """One entry by its id; raises `NotFound`."""
    async with node.storage.read() as transaction:
        found = await transaction.log_tree.entry(entry_id)
    if found is None:
        raise NotFound(f"there is no entry {entry_id!r} in the log", advice="ids: ecites log search --json")
    return found


async def prove_entries(entries: Sequence[Entry], node: Node) -> ProvenEntries:
    """
    That entries are in the log.

    1. The first checkpoint under which all of them stand; when there is none yet, one is made.
    2. The proof of each, from the tiles.
    3. Each is checked before anybody gets it: what was changed in the database does not leave as a proof.

    Raises `ProofRefused` when a proof does not hold, and what `make_checkpoint` raises.
    """
    # 1
    note = await _note_over([entry.id for entry in entries], node)
    size = note.checkpoint.size
    by_id = {entry.id: entry for entry in entries}
    # 2
    proven = []
    async with node.storage.read() as transaction:
        for placed in await transaction.log_tree.placed(by_id):
            tiles = await transaction.log_tree.tiles(tiles_for_inclusion(placed.seq, size))
            entry = by_id[placed.entry_id]
            content = None if entry.erased_at else content_of(entry)
            proven.append(ProvenEntry(placed.seq, placed.leaf, content, inclusion(placed.seq, size, tiles)))
    # 3
    for each in proven:
        each.check(note.checkpoint)
    return ProvenEntries(note, tuple(proven))


async def _note_over(entry_ids: Sequence[str], node: Node) -> Note:
    """A checkpoint that covers entries (step 1)."""
    for _ in range(2):
        async with node.storage.read() as transaction:
            placed = await transaction.log_tree.placed(entry_ids)
            if len(placed) == len(entry_ids):
                kept = await transaction.log_tree.checkpoint_over(placed[-1].seq + 1)
                if kept is not None:
                    return read_note(kept.note)
        await make_checkpoint(node)
    raise NotFound(
        f"of {len(entry_ids)} entries {len(placed)} have a place in the log",
        advice="try again in a moment; if it stays so, run: ecites log verify",
    )


async def prove_growth(first: int, node: Node) -> Growth:
    """
    That the log begins with what it was when it had `first` entries, up to a checkpoint over all of it.

    Raises `NotFound` for a size that the log never had, and what `make_checkpoint` raises.
    """
    note = await make_checkpoint(node)
    size = note.checkpoint.size
    if not 0 <= first <= size:
        raise NotFound(f"the log has {size} entries, and never had {first}", advice="name a smaller size")
    async with node.storage.read() as transaction:
        needed = tiles_for_root(first) | tiles_for_consistency(first, size)
        tiles = await transaction.log_tree.tiles(needed)
    first_root, proof = root(first, tiles), consistency(first, size, tiles)
    check_consistency(first, first_root, size, note.checkpoint.root, proof)
    return Growth(first, first_root, note, proof)
