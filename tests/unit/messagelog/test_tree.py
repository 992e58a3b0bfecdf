"""Answers that others published for trees hashed as RFC 6962 has it."""

import base64

import pytest

from gateway.errors import ProofRefused
from gateway.messagelog.proof import check_consistency, check_inclusion, consistency, inclusion, root
from gateway.messagelog.tiles import TileId, grown
from gateway.messagelog.tree import EMPTY, Edge, leaf_hash

LEAVES = tuple(
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
)
"""Eight leaves of the tests of Certificate Transparency (merkle_tree_test.cc, Apache-2.0)."""

ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""The roots of the first 0, 1, ... 8 of them, from the same tests."""

CONSISTENCY = {
    (1, 1): (),
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
"""From the same tests."""

INCLUSION = {
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
}
"""Paths of leaf 0 and leaf 5 in the tree of eight, from the same tests."""


def tiles_of(leaves):
    return grown(0, {}, map(leaf_hash, leaves))


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_that_others_found(size):
    """From tiles, and from the edge that grows leaf by leaf."""
    edge = Edge()
    for leaf in LEAVES[:size]:
        edge.add(leaf_hash(leaf))
    assert edge.root().hex() == ROOTS[size]
    assert root(size, tiles_of(LEAVES[:size])).hex() == ROOTS[size]


@pytest.mark.parametrize("sizes", CONSISTENCY)
def test_consistency_proofs_are_those_that_others_found(sizes):
    first, second = sizes
    proof = consistency(first, second, tiles_of(LEAVES))
    assert tuple(step.hex() for step in proof) == CONSISTENCY[sizes]
    check_consistency(first, bytes.fromhex(ROOTS[first]), second, bytes.fromhex(ROOTS[second]), proof)


@pytest.mark.parametrize("place", INCLUSION)
def test_inclusion_proofs_are_those_that_others_found(place):
    proof = inclusion(*place, tiles_of(LEAVES))
    assert tuple(step.hex() for step in proof) == INCLUSION[place]
    check_inclusion(leaf_hash(LEAVES[place[0]]), *place, proof, bytes.fromhex(ROOTS[place[1]]))


def test_a_tile_that_is_missing_or_short_is_no_proof():
    """A hole in what is kept is said, and never filled with something."""
    with pytest.raises(ProofRefused, match="tile 0 of level 0"):
        root(8, {})
    with pytest.raises(ProofRefused, match="tile 0 of level 0"):
        root(8, {TileId(0, 0): tiles_of(LEAVES)[TileId(0, 0)][:-1]})
    with pytest.raises(ProofRefused, match="holds 31 bytes"):
        grown(1, {TileId(0, 0): b"x" * 31}, [leaf_hash(b"")])


def test_the_tree_of_nothing_has_the_root_of_the_standard():
    assert base64.b64encode(EMPTY) == b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
