"""
What convinces somebody who has only a checkpoint: that an entry is in the log, that the log has only grown.

Making a proof reads hashes; checking one needs nothing but the proof (RFC 9162, 2.1.3.2 and 2.1.4.2, whose
proofs are those of RFC 6962).
"""

from collections.abc import Iterator, Sequence

from gateway.errors import ProofRefused
from gateway.messagelog.tiles import TileId, Tiles, hash_of, needed
from gateway.messagelog.tree import EMPTY, growth, node_hash, path

Proof = tuple[bytes, ...]


def tiles_for_root(size: int) -> frozenset[TileId]:
    """The tiles that `root` needs."""
    return needed([(0, size)])


def root(size: int, tiles: Tiles) -> bytes:
    """The root of a tree; raises `ProofRefused` when a hash is missing."""
    return hash_of((0, size), tiles)


def tiles_for_inclusion(place: int, size: int) -> frozenset[TileId]:
    """The tiles that `inclusion` needs."""
    return needed(path(place, size))


def inclusion(place: int, size: int, tiles: Tiles) -> Proof:
    """
    The proof that the leaf at a place, counted from 0, is in a tree.

    Raises `ProofRefused` when a hash is missing.
    """
    return tuple(hash_of(run, tiles) for run in path(place, size))


def tiles_for_consistency(first: int, second: int) -> frozenset[TileId]:
    """The tiles that `consistency` needs."""
    return needed(growth(first, second))


def consistency(first: int, second: int, tiles: Tiles) -> Proof:
    """
    The proof that a tree of `second` leaves begins with the tree of `first`.

    Raises `ProofRefused` when a hash is missing.
    """
    return tuple(hash_of(run, tiles) for run in growth(first, second))


def check_inclusion(hashed: bytes, place: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """
    Check that a leaf, by its hash, stands at a place of the tree with that size and root.

    Raises `ProofRefused` when the proof does not show it.
    """
    if not 0 <= place < size:
        raise _refused(f"place {place} is outside a log of {size} entries")
    found = hashed
    for step, on_the_left in _climb(place, size - 1, proof):
        found = node_hash(step, found) if on_the_left else node_hash(found, step)
    if found != root:
        raise _refused("the entry does not lead to the root of the checkpoint")


def check_consistency(
    first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """
    Check that the tree of the second checkpoint begins with that of the first.

    Raises `ProofRefused` when the proof does not show it.
    """
    if not 0 <= first <= second:
        raise _refused(f"a log of {second} entries cannot have grown from one of {first}")
    if first in (0, second):
        if proof or first_root != (EMPTY if first == 0 else second_root):
            raise _refused("the log at the first checkpoint is not what the second one begins with")
        return
    steps = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not steps:
        raise _refused("the proof is empty")
    here, last = first - 1, second - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old = new = steps[0]
    for step, on_the_left in _climb(here, last, steps[1:]):
        if on_the_left:
            old, new = node_hash(step, old), node_hash(step, new)
        else:
            new = node_hash(new, step)
    if (old, new) != (first_root, second_root):
        raise _refused("the log at the first checkpoint is not what the second one begins with")


def _climb(here: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """
    Each step of a proof from a node upwards, and whether it stands on the left of what was found so far.

    `here` is the number of the node in its row, `last` that of the last one. Raises `ProofRefused` when the
    steps are too few or too many for the root.
    """
    for step in proof:
        if last == 0:
            raise _refused("the proof goes on beyond the root")
        yield step, bool(here & 1) or here == last
        if here == last:
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        here, last = here >> 1, last >> 1
    if last != 0:
        raise _refused("the proof ends below the root")


def _refused(why: str) -> ProofRefused:
    """The refusal of a proof."""
    return ProofRefused(
        f"the proof does not hold: {why}",
        advice="ask for it again; if it stays so, the log was rewritten: keep both checkpoints as evidence",
    )
