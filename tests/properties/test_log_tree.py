"""The tree of the log against the definition in RFC 6962, 2.1, written down as it stands there."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ProofRefused
from gateway.messagelog.proof import (
    check_consistency,
    check_inclusion,
    consistency,
    inclusion,
    root,
    tiles_for_consistency,
    tiles_for_inclusion,
    tiles_for_root,
)
from gateway.messagelog.tiles import all_tiles, edge_tiles, grown
from gateway.messagelog.tree import Edge, leaf_hash

SIZES = st.one_of(st.integers(1, 20), st.integers(250, 262), st.integers(1, 1100))
"""Around the borders of a tile too."""


def plain_root(leaves):
    """MTH of RFC 6962, 2.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


def leaves_of(size):
    return [b"leaf %d" % number for number in range(size)]


def kept(size):
    """The tiles of a log of that size, grown at once."""
    return grown(0, {}, [leaf_hash(leaf) for leaf in leaves_of(size)])


@given(st.lists(st.integers(0, 300), min_size=1, max_size=6))
def test_tiles_that_grow_in_batches_are_those_that_grow_at_once(batches):
    """However the sequencer cuts its batches, and with no more tiles at hand than those of the edge."""
    total, tiles, size = leaves_of(sum(batches)), {}, 0
    for count in batches:
        begun = {tile: tiles[tile] for tile in edge_tiles(size)}
        tiles |= grown(size, begun, [leaf_hash(leaf) for leaf in total[size : size + count]])
        size += count
    assert tiles == kept(size)
    assert {tile: len(data) // 32 for tile, data in tiles.items()} == dict(all_tiles(size))


@given(SIZES)
def test_the_root_is_that_of_the_definition(size):
    """Read from a few tiles, or added leaf by leaf."""
    tiles, edge = kept(size), Edge()
    for leaf in leaves_of(size):
        edge.add(leaf_hash(leaf))
    needed = {tile: tiles[tile] for tile in tiles_for_root(size)}
    assert root(size, needed) == edge.root() == plain_root(leaves_of(size))


@given(st.data(), SIZES)
def test_every_entry_can_be_proven_and_no_other(data, size):
    """With the tiles that are said to be needed; a changed leaf, place, size, root or step fails."""
    place = data.draw(st.integers(0, size - 1))
    tiles, leaves = kept(size), leaves_of(size)
    proof = inclusion(place, size, {tile: tiles[tile] for tile in tiles_for_inclusion(place, size)})
    top, hashed = root(size, tiles), leaf_hash(leaves[place])
    check_inclusion(hashed, place, size, proof, top)
    wrong = [
        (leaf_hash(b"another"), place, size, proof, top),
        (hashed, place + 1, size, proof, top),
        (hashed, place, size, proof, leaf_hash(b"")),
        (hashed, place, size, (*proof, top), top),
        (hashed, place, place, proof, top),
        (hashed, -1, size, proof, top),
    ]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        wrong += [
            (hashed, place, size, (*proof[:at], leaf_hash(b"another"), *proof[at + 1 :]), top),
            (hashed, place, size, (*proof[:at], *proof[at + 1 :]), top),
        ]
    for each in wrong:
        with pytest.raises(ProofRefused):
            check_inclusion(*each)


@given(st.data(), SIZES)
def test_a_log_that_has_grown_can_prove_it_and_one_that_was_rewritten_cannot(data, second):
    """Between any two sizes; a changed entry of the old part, a lost one and a changed step are found."""
    first = data.draw(st.integers(0, second))
    tiles = kept(second)
    proof = consistency(first, second, {tile: tiles[tile] for tile in tiles_for_consistency(first, second)})
    old, new = root(first, tiles), root(second, tiles)
    assert old == plain_root(leaves_of(first))
    check_consistency(first, old, second, new, proof)
    wrong = [(first, old, second, new, (*proof, new)), (second + 1, old, second, new, proof)]
    if first:
        place = data.draw(st.integers(0, first - 1))
        rewritten = [
            leaf_hash(b"rewritten" if n == place else leaf) for n, leaf in enumerate(leaves_of(second))
        ]
        lying = grown(0, {}, rewritten)
        wrong += [
            (first, old, second, root(second, lying), consistency(first, second, lying)),
            (first, leaf_hash(b"another"), second, new, proof),
        ]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        wrong.append((first, old, second, new, (*proof[:at], leaf_hash(b"another"), *proof[at + 1 :])))
        wrong.append((first, old, second, new, proof[:-1]))
    for each in wrong:
        with pytest.raises(ProofRefused):
            check_consistency(*each)


def test_the_same_above_a_tile_of_tiles():
    """One leaf more than 256 times 256: a third level has begun."""
    size = 65_537
    tiles, leaves = kept(size), leaves_of(size)
    top = root(size, tiles)
    assert top == plain_root(leaves)
    for place in (0, 65_535, 65_536):
        check_inclusion(leaf_hash(leaves[place]), place, size, inclusion(place, size, tiles), top)
    for first in (1, 256, 65_535, 65_536):
        check_consistency(first, plain_root(leaves[:first]), size, top, consistency(first, size, tiles))
