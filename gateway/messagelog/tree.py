"""
The tree over the leaves, hashed as RFC 6962, 2.1 has it.

A leaf and a node are hashed with different first bytes, so that neither can be passed off as the other. The
hash of any run of leaves that a proof needs comes from full subtrees alone, which never change once they are
full: that is why a log can keep them and has to compute little.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

HASH_BYTES = 32
EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""

Run = tuple[int, int]
"""Leaves from the first number on, up to and without the second."""


@dataclass(frozen=True, slots=True)
class Subtree:
    """A full subtree: 2**height leaves, the first of them number index * 2**height."""

    height: int
    index: int


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def joined(hashes: Sequence[bytes]) -> bytes:
    """The root over subtrees that stand side by side, the higher ones first."""
    if not hashes:
        return EMPTY
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def subtrees(run: Run) -> tuple[Subtree, ...]:
    """
    The full subtrees of a run of leaves, the highest first; `joined` makes its hash of theirs.

    The run begins where a subtree of its size may begin, as every run of a proof does.
    """
    start, end = run
    found = []
    while start < end:
        height = (end - start).bit_length() - 1
        found.append(Subtree(height, start >> height))
        start += 1 << height
    return tuple(found)


def path(place: int, size: int) -> tuple[Run, ...]:
    """The runs whose hashes prove that a leaf stands at a place of a tree, from the leaf upwards."""
    found: list[Run] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _half(end - start)
        if place < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return tuple(reversed(found))


def growth(first: int, second: int) -> tuple[Run, ...]:
    """The runs whose hashes prove that a tree begins with that of `first` leaves (RFC 6962, 2.1.2)."""
    found: list[Run] = []
    start, end, whole = 0, second, True
    while 0 < first < end - start:
        half = _half(end - start)
        if first <= half:
            found.append((start + half, end))
            end = start + half
        else:
            found.append((start, start + half))
            start, first, whole = start + half, first - half, False
    if first and not whole:
        found.append((start, end))
    return tuple(reversed(found))


def _half(size: int) -> int:
    """The largest power of two below a size of two or more."""
    return 1 << (size - 1).bit_length() - 1


@dataclass(slots=True)
class Edge:
    """The right edge of a tree that grows leaf by leaf; it holds one hash for each full subtree."""

    size: int = 0
    hashes: list[bytes] = field(default_factory=list)

    def add(self, hashed: bytes) -> None:
        """One more leaf, by its hash."""
        size = self.size
        while size & 1:
            hashed = node_hash(self.hashes.pop(), hashed)
            size >>= 1
        self.hashes.append(hashed)
        self.size += 1

    def root(self) -> bytes:
        """Of what was added so far."""
        return joined(self.hashes)
