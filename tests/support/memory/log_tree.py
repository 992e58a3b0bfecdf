"""The port `LogTree` in memory."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from gateway.errors import StorageError
from gateway.messagelog.entry import Entry
from gateway.messagelog.kept import Head, KeptCheckpoint, LeafRow, Placed, Strays, Unplaced
from gateway.messagelog.tiles import TileId
from support.memory.state import State


class MemoryLogTree:
    """Fulfils the port `LogTree`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def head(self) -> Head | None:
        """What the log knows about itself."""
        return self._state.log_head

    async def lock(self, born: Head, *, wait: bool) -> Head | None:
        """The head; transactions that write are alone here."""
        self._state.log_head = self._state.log_head or born
        return self._state.log_head

    async def unplaced(self) -> Unplaced:
        """What waits for its place."""
        queue = self._state.log_queue
        return Unplaced(len(queue), min(queue.values(), default=None))

    async def next_entries(self, limit: int) -> list[Entry]:
        """The entries that get the next places, the oldest first."""
        state, placed = self._state, self._have_places()
        waiting = sorted(each for each in state.log_queue if each in state.log and each not in placed)
        return [state.log[each] for each in waiting[:limit]]

    async def place(self, head: Head, leaves: Sequence[Placed], tiles: Mapping[TileId, bytes]) -> None:
        """Give entries their places."""
        for leaf in leaves:
            if leaf.seq in self._state.log_leaves:
                raise StorageError(f"place {leaf.seq} is taken")
            self._state.log_leaves[leaf.seq] = leaf
            self._state.log_queue.pop(leaf.entry_id, None)
        self._state.log_tiles.update(tiles)
        self._state.log_head = head

    async def tiles(self, wanted: Collection[TileId]) -> dict[TileId, bytes]:
        """Tiles by their ids."""
        return {tile: self._state.log_tiles[tile] for tile in wanted if tile in self._state.log_tiles}

    async def keep_checkpoint(self, head: Head, checkpoint: KeptCheckpoint) -> None:
        """Keep a checkpoint."""
        if checkpoint.number in self._state.log_checkpoints:
            raise StorageError(f"checkpoint {checkpoint.number} is there already")
        self._state.log_checkpoints[checkpoint.number] = checkpoint
        self._state.log_head = head

    async def last_checkpoint(self) -> KeptCheckpoint | None:
        """The latest one."""
        return max(self._state.log_checkpoints.values(), key=lambda each: each.number, default=None)

    async def checkpoint_over(self, size: int) -> KeptCheckpoint | None:
        """The first one over at least so many entries."""
        found = [each for each in self._state.log_checkpoints.values() if each.size >= size]
        return min(found, key=lambda each: (each.size, each.number), default=None)

    async def checkpoints(self, after: int, limit: int) -> list[KeptCheckpoint]:
        """Those whose number is higher than `after`."""
        numbers = sorted(number for number in self._state.log_checkpoints if number > after)
        return [self._state.log_checkpoints[number] for number in numbers[:limit]]

    async def entry(self, entry_id: str) -> Entry | None:
        """One entry."""
        return self._state.log.get(entry_id)

    async def placed(self, entry_ids: Collection[str]) -> list[Placed]:
        """The places of entries, in their order."""
        found = [each for each in self._state.log_leaves.values() if each.entry_id in entry_ids]
        return sorted(found, key=lambda each: each.seq)

    async def rows(self, after: int, limit: int) -> list[LeafRow]:
        """Leaves with their entries, in their order."""
        places = sorted(seq for seq in self._state.log_leaves if seq > after)
        found = [self._state.log_leaves[seq] for seq in places[:limit]]
        return [self._row(placed) for placed in found]

    def _row(self, placed: Placed) -> LeafRow:
        """A leaf with its entry."""
        entry = self._state.log.get(placed.entry_id)
        return LeafRow(placed, entry, entry is None or entry.erased_at is None)

    async def count_tiles(self) -> int:
        """How many tiles are kept."""
        return len(self._state.log_tiles)

    async def strays(self, after: str, limit: int) -> Strays:
        """Entries that have no place and do not wait for one."""
        page = sorted(each for each in self._state.log if each > after)[:limit]
        known = self._have_places() | set(self._state.log_queue)
        return Strays(page[-1] if page else "", len(page), tuple(each for each in page if each not in known))

    async def placed_twice(self, limit: int) -> list[str]:
        """Entries that have more than one place."""
        found = Counter(each.entry_id for each in self._state.log_leaves.values())
        return sorted(each for each, count in found.items() if count > 1)[:limit]

    async def false_waiting(self, limit: int) -> list[str]:
        """Ids that wait for nothing."""
        placed = self._have_places()
        wrong = [each for each in self._state.log_queue if each not in self._state.log or each in placed]
        return sorted(wrong)[:limit]

    def _have_places(self) -> set[str]:
        """Entries that have a place."""
        return {each.entry_id for each in self._state.log_leaves.values()}
