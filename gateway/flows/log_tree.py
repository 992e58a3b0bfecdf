"""What flows need from the storage of the tree over the message log, as a Protocol."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from gateway.messagelog.entry import Entry
from gateway.messagelog.kept import Head, KeptCheckpoint, LeafRow, Placed, Strays, Unplaced
from gateway.messagelog.tiles import TileId


class LogTree(Protocol):
    """The tree over the message log."""

    async def head(self) -> Head | None:
        """What the log knows about itself; None before its first entry has a place."""

    async def lock(self, born: Head, *, wait: bool) -> Head | None:
        """
        The head, for this transaction alone; a log that has none begins with `born`.

        None when another transaction has it, unless one waits for that.
        """

    async def unplaced(self) -> Unplaced:
        """What waits for its place."""

    async def next_entries(self, limit: int) -> list[Entry]:
        """The entries that get the next places, the oldest first."""

    async def entry(self, entry_id: str) -> Entry | None:
        """One entry; None when there is none, or one that cannot be read."""

    async def place(self, head: Head, leaves: Sequence[Placed], tiles: Mapping[TileId, bytes]) -> None:
        """Give entries their places, with the tiles that change and the head that follows."""

    async def tiles(self, wanted: Collection[TileId]) -> dict[TileId, bytes]:
        """Tiles by their ids; one that is not there is missing."""

    async def keep_checkpoint(self, head: Head, checkpoint: KeptCheckpoint) -> None:
        """Keep a checkpoint, with the head that follows."""

    async def last_checkpoint(self) -> KeptCheckpoint | None:
        """The latest one."""

    async def checkpoint_over(self, size: int) -> KeptCheckpoint | None:
        """The first one over at least so many entries."""

    async def checkpoints(self, after: int, limit: int) -> list[KeptCheckpoint]:
        """Those whose number is higher than `after`, in their order."""

    async def placed(self, entry_ids: Collection[str]) -> list[Placed]:
        """The places of entries, in their order; one that has none yet is missing."""

    async def rows(self, after: int, limit: int) -> list[LeafRow]:
        """Leaves behind the place `after` with their entries, in their order."""

    async def count_tiles(self) -> int:
        """How many tiles are kept."""

    async def strays(self, after: str, limit: int) -> Strays:
        """Of `limit` entries behind the id `after` those that have no place and do not wait for one."""

    async def placed_twice(self, limit: int) -> list[str]:
        """Ids of entries that have more than one place; reads the whole log."""

    async def false_waiting(self, limit: int) -> list[str]:
        """Ids that wait for a place although there is no such entry, or although it has one."""
