"""
The tree made again from what stands in the database, and every place where that is not what was kept.

Fed with leaves in their order; nothing but the right edge of the tree is held, however long the log is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from gateway.errors import ProofRefused
from gateway.messagelog.kept import LeafRow
from gateway.messagelog.leaf import Leaf, leaf_of, read_leaf
from gateway.messagelog.tiles import WIDTH, TileId, edge_tiles, grown
from gateway.messagelog.tree import EMPTY, HASH_BYTES, Edge, leaf_hash
from gateway.wording import Words, say

ERASED = "content-erased"
"""The outcome of an entry that says that the words of another one, its `message_id`, were lawfully erased."""

LONGEST_GAP = 1 << 20
"""So many places without a leaf are walked, so that a wild number in the head costs us nothing."""

_OF_CONTENT = frozenset({"content", "permit"})
"""Members of a leaf that nobody can make again once the words of the entry are gone."""


@dataclass(frozen=True, slots=True)
class Break:
    """One thing that is not as it was kept."""

    rule: str
    """A stable id, such as `log.entry-changed`."""
    message: Words
    place: int | None = None
    """Of the leaf that it is about, from 0."""


@dataclass(slots=True)
class Rebuild:
    """A log of `size` entries with that key, made again."""

    size: int
    permit_key: bytes
    breaks: list[Break] = field(default_factory=list)
    edge: Edge = field(default_factory=Edge)
    roots: dict[int, bytes] = field(default_factory=dict)
    """By size, for those that were asked for with `wanted`."""
    wanted: set[int] = field(default_factory=set)
    leaves: int = 0
    """Rows that were fed."""
    unworded: dict[str, int] = field(default_factory=dict)
    """Entries whose words are gone, with their places, until a later entry says that they were erased."""
    _open: dict[TileId, bytes] = field(default_factory=dict)
    """The tiles at the edge."""

    def feed(self, rows: Sequence[LeafRow]) -> dict[TileId, bytes]:
        """The next leaves; returns the tiles that are full now, to be compared with `compare`."""
        hashes: list[bytes] = []
        for row in rows:
            self.leaves += 1
            place = row.placed.seq
            if not self.edge.size <= place < min(self.size, self.edge.size + LONGEST_GAP):
                self._found(
                    "log.leaf-beyond",
                    say("there is a leaf at place {place}, where the log has none", place=place),
                    place,
                )
                continue
            self._miss_until(place, hashes)
            self._look_at(row)
            self._grow(leaf_hash(row.placed.leaf), hashes)
        return self._close(hashes)

    def finish(self) -> dict[TileId, bytes]:
        """No more leaves come; returns the last tiles, full or not."""
        hashes: list[bytes] = []
        self._miss_until(self.size, hashes)
        full = self._close(hashes)
        for entry_id, place in self.unworded.items():
            self._found(
                "log.content-missing",
                say(
                    "the words of entry {entry} are gone, and no entry says that they were erased",
                    entry=entry_id,
                ),
                place,
            )
        return full | self._open

    def compare(self, made: Mapping[TileId, bytes], kept: Mapping[TileId, bytes]) -> None:
        """Whether tiles that were made again are those that are kept; at which entry they begin to differ."""
        for tile, data in sorted(made.items()):
            found = kept.get(tile)
            if found == data:
                continue
            where = _first_difference(data, found or b"")
            if found is None:
                told = say("tile {number} of level {level} is missing", number=tile.number, level=tile.level)
                self._found("log.tile-missing", told, tile.number * WIDTH if tile.level == 0 else None)
            elif tile.level == 0:
                place = tile.number * WIDTH + where
                self._found(
                    "log.leaf-changed",
                    say("the leaf at place {place} is not the one that the tree holds there", place=place),
                    place,
                )
            else:
                told = say(
                    "tile {number} of level {level} does not follow from the leaves below it",
                    number=tile.number,
                    level=tile.level,
                )
                self._found("log.tile-changed", told, (tile.number * WIDTH + where) * WIDTH**tile.level)

    def _grow(self, hashed: bytes, hashes: list[bytes]) -> None:
        """One more leaf, by its hash."""
        hashes.append(hashed)
        self.edge.add(hashed)
        if self.edge.size in self.wanted:
            self.roots[self.edge.size] = self.edge.root()

    def _miss_until(self, place: int, hashes: list[bytes]) -> None:
        """Places without a leaf: something that no leaf has stands for them; later places keep theirs."""
        first = self.edge.size
        if first == place:
            return
        self._tell_missing(first, place)
        while self.edge.size < min(place, first + LONGEST_GAP):
            self._grow(EMPTY, hashes)

    def _tell_missing(self, first: int, place: int) -> None:
        """That there are no leaves from one place up to another."""
        told = say("there is no leaf at place {place}", place=first)
        if place - first > 1:
            told = say("there are no leaves at places {first} to {last}", first=first, last=place - 1)
        self._found("log.leaf-missing", told, first)

    def _close(self, hashes: Sequence[bytes]) -> dict[TileId, bytes]:
        """Take hashes into the tiles; those that are full leave."""
        changed = grown(self.edge.size - len(hashes), self._open, hashes)
        begun = set(edge_tiles(self.edge.size))
        known = self._open | changed
        self._open = {tile: known[tile] for tile in begun}
        return {tile: data for tile, data in changed.items() if tile not in begun}

    def _look_at(self, row: LeafRow) -> None:
        """Whether a leaf says what its entry says."""
        place, made = row.placed.seq, None
        if row.entry is not None and row.content:
            made = leaf_of(row.entry, self.permit_key)
            if made.id == row.placed.entry_id and made.canonical() == row.placed.leaf:
                if made.outcome == ERASED:
                    self.unworded.pop(made.message_id, None)
                return
        try:
            leaf = read_leaf(row.placed.leaf)
        except ProofRefused:
            told = say("the leaf at place {place} is not one that a log writes", place=place)
            self._found("log.leaf-unreadable", told, place)
            return
        if leaf.id != row.placed.entry_id:
            told = say("the leaf at place {place} is kept under the id of another entry", place=place)
            self._found("log.leaf-misnamed", told, place)
        if leaf.outcome == ERASED:
            self.unworded.pop(leaf.message_id, None)
        if row.entry is None:
            told = say(
                "entry {entry} is gone, or nobody can read it, and its leaf is still there", entry=leaf.id
            )
            self._found("log.entry-missing", told, place)
            return
        if not row.content:
            self.unworded[leaf.id] = place
        made = made or leaf_of(row.entry, self.permit_key)
        differing = _differing(leaf, made, worded=row.content)
        if differing:
            told = say(
                "entry {entry} was changed after it got its place: {members}",
                entry=leaf.id,
                members=", ".join(differing),
            )
            self._found("log.entry-changed", told, place)

    def _found(self, rule: str, message: Words, place: int | None) -> None:
        """One more break."""
        self.breaks.append(Break(rule, message, place))


def _differing(leaf: Leaf, made: Leaf, *, worded: bool) -> list[str]:
    """The members of a leaf that its entry does not make."""
    names = [each.name for each in fields(Leaf) if worded or each.name not in _OF_CONTENT]
    return [name for name in names if getattr(leaf, name) != getattr(made, name)]


def _first_difference(made: bytes, kept: bytes) -> int:
    """At which hash two rows of hashes begin to differ."""
    for at in range(0, max(len(made), len(kept)), HASH_BYTES):
        if made[at : at + HASH_BYTES] != kept[at : at + HASH_BYTES]:
            return at // HASH_BYTES
    return 0
