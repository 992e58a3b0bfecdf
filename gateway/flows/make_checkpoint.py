"""The gateway signs what its message log is at this moment."""

from dataclasses import replace

from gateway.flows.ports import Node
from gateway.flows.sequence import new_head, place_all
from gateway.messagelog.checkpoint import Checkpoint, Note, SignatureLine, read_note
from gateway.messagelog.kept import KeptCheckpoint
from gateway.messagelog.proof import root, tiles_for_root
from gateway.signatures.keyring import GATEWAY
from gateway.signatures.notes import note_key_id, sign_text


async def make_checkpoint(node: Node) -> Note:
    """
    The checkpoint over everything that is in the log now.

    1. Give what waits its place.
    2. Be alone with the head of the log.
    3. A log that has not grown since its last checkpoint has that one.
    4. Sign size and root with the key of the gateway.
    5. Keep it in the database, and once that is done beside it.

    Raises `KeyMaterialError` when no key signs now, `ProofRefused` when the tree contradicts itself, and
    `StorageError` when it cannot be kept.
    """
    # 1
    await place_all(node)
    async with node.storage.write() as transaction:
        # 2
        head = await transaction.log_tree.lock(new_head(node), wait=True)
        if head is None:
            raise AssertionError("a lock that is waited for is had in the end")
        # 3
        last = await transaction.log_tree.last_checkpoint()
        if last is not None and last.size == head.size:
            return read_note(last.note)
        # 4
        tiles = await transaction.log_tree.tiles(tiles_for_root(head.size))
        at = node.clock.now()
        checkpoint = Checkpoint.made(
            head.origin, head.size, root(head.size, tiles), number=head.checkpoints, at=at
        )
        note = signed(checkpoint, node)
        # 5
        kept = KeptCheckpoint(head.checkpoints, head.size, checkpoint.root, note.data, at)
        await transaction.log_tree.keep_checkpoint(replace(head, checkpoints=head.checkpoints + 1), kept)
    if node.checkpoints is not None:
        node.checkpoints.append(note.data)
    return note


def signed(checkpoint: Checkpoint, node: Node) -> Note:
    """A checkpoint with the signature of this gateway; raises `KeyMaterialError` when no key signs now."""
    key = node.keys.active(GATEWAY, node.clock.now())
    line = SignatureLine(
        checkpoint.origin,
        note_key_id(checkpoint.origin, key.certificate),
        sign_text(checkpoint.text.encode(), key),
    )
    return Note(checkpoint, (line,))
