"""
How the hashes of the tree are kept: tiles of up to 256 hashes (C2SP tlog-tiles).

A tile of level 0 holds the hashes of leaves, one of the next level the roots of 256 full tiles below it. The
root and every proof come from a handful of tiles, however long the log is; a full tile never changes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.errors import ProofRefused
from gateway.messagelog.tree import HASH_BYTES, Run, Subtree, joined, node_hash, subtrees

BITS = 8
WIDTH = 1 << BITS
"""Hashes in a full tile."""


@dataclass(frozen=True, slots=True, order=True)
class TileId:
    """Which tile: its level, and its number on that level."""

    level: int
    number: int


Tiles = Mapping[TileId, bytes]
"""Hashes side by side, by tile."""


def edge_tiles(size: int) -> tuple[TileId, ...]:
    """The tiles of a tree that are begun and not full: those that grow with the next leaf."""
    return tuple(TileId(level, count >> BITS) for level, count in enumerate(_counts(size)) if count % WIDTH)


def all_tiles(size: int) -> Iterator[tuple[TileId, int]]:
    """Every tile of a tree, with how many hashes stand in it."""
    for level, count in enumerate(_counts(size)):
        for number in range(0, count, WIDTH):
            yield TileId(level, number >> BITS), min(WIDTH, count - number)


def _counts(size: int) -> Iterator[int]:
    """How many hashes each level has, from the leaves up."""
    while size:
        yield size
        size >>= BITS


def grown(size: int, tiles: Tiles, hashes: Iterable[bytes]) -> dict[TileId, bytes]:
    """
    The tiles that change when leaves are added to a tree of `size`; `tiles` has those of `edge_tiles`.

    Raises `ProofRefused` when one of them is not as long as the size says.
    """
    changed: dict[TileId, bytearray] = {}
    counts = list(_counts(size))

    def add(level: int, hashed: bytes) -> None:
        if level == len(counts):
            counts.append(0)
        tile = TileId(level, counts[level] >> BITS)
        if tile not in changed:
            changed[tile] = bytearray(_sound(tile, counts[level] % WIDTH, tiles))
        changed[tile] += hashed
        counts[level] += 1
        if counts[level] % WIDTH == 0:
            add(level + 1, tile_root(bytes(changed[tile])))

    for hashed in hashes:
        add(0, hashed)
    return {tile: bytes(data) for tile, data in changed.items()}


def _sound(tile: TileId, count: int, tiles: Tiles) -> bytes:
    """A tile that is begun; one that is not begun yet has no bytes."""
    data = tiles.get(tile, b"") if count else b""
    if len(data) != count * HASH_BYTES:
        raise ProofRefused(
            f"tile {tile.number} of level {tile.level} of the message log holds {len(data)} bytes, "
            f"not the {count * HASH_BYTES} that {count} hashes have",
            advice="run: ecites log verify",
        )
    return data


def tile_root(data: bytes) -> bytes:
    """The root over the hashes of a full tile, or of any power of two of them."""
    row = _row(data)
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def _row(data: bytes) -> list[bytes]:
    """The hashes that stand side by side."""
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def tile_of(subtree: Subtree) -> TileId:
    """The tile from which the hash of a full subtree comes."""
    return TileId(subtree.height // BITS, subtree.index << subtree.height % BITS >> BITS)


def needed(runs: Sequence[Run]) -> frozenset[TileId]:
    """The tiles from which the hashes of runs come."""
    return frozenset(tile_of(subtree) for run in runs for subtree in subtrees(run))


def hash_of(run: Run, tiles: Tiles) -> bytes:
    """
    The hash of a run of leaves.

    Raises `ProofRefused` when a tile is missing or too short.
    """
    return joined([_hash_of(subtree, tiles) for subtree in subtrees(run)])


def _hash_of(subtree: Subtree, tiles: Tiles) -> bytes:
    """The hash of one full subtree, from its tile."""
    tile, wide = tile_of(subtree), 1 << subtree.height % BITS
    begin = (subtree.index << subtree.height % BITS) % WIDTH * HASH_BYTES
    data = tiles.get(tile, b"")[begin : begin + wide * HASH_BYTES]
    if len(data) != wide * HASH_BYTES:
        raise ProofRefused(
            f"tile {tile.number} of level {tile.level} of the message log is missing or too short",
            advice="run: ecites log verify",
        )
    return tile_root(data)
