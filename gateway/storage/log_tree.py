"""The tree over the message log."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, exists, func, insert, or_, select, text, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.messagelog.entry import Entry
from gateway.messagelog.kept import Head, KeptCheckpoint, LeafRow, Placed, Strays, Unplaced
from gateway.messagelog.tiles import TileId
from gateway.storage.log import WRITTEN, entry_from
from gateway.storage.once import insert_once
from gateway.storage.tables import log_checkpoints, log_entries, log_head, log_leaves, log_queue, log_tiles

HEAD = 1
"""The key of the only row of `log_head`."""

PARTITION_BITS = 20
"""So many places, as a power of two, have a partition of `log_leaves` on PostgreSQL: about a million."""


class LogTreeTable:
    """Fulfils the port `LogTree`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def head(self) -> Head | None:
        """What the log knows about itself; None before its first entry has a place."""
        row = (await self._connection.execute(select(log_head).where(log_head.c.id == HEAD))).first()
        return None if row is None else _head(row)

    async def lock(self, born: Head, *, wait: bool) -> Head | None:
        """
        The head, for this transaction alone; a log that has none begins with `born`.

        None when another transaction has it, unless one waits for that.
        """
        if await self.head() is None:
            await insert_once(self._connection, log_head, [{"id": HEAD, **_values(born)}])
        locked = select(log_head).where(log_head.c.id == HEAD).with_for_update(skip_locked=not wait)
        row = (await self._connection.execute(locked)).first()
        return None if row is None else _head(row)

    async def unplaced(self) -> Unplaced:
        """What waits for its place."""
        asked = select(func.count(), func.min(log_queue.c.at, type_=log_queue.c.at.type))
        count, since = (await self._connection.execute(asked)).one()
        return Unplaced(count, since)

    async def next_entries(self, limit: int) -> list[Entry]:
        """The entries that get the next places, the oldest first."""
        has_place = exists().where(log_leaves.c.entry_id == log_queue.c.id)
        statement = (
            select(*WRITTEN)
            .join(log_queue, log_queue.c.id == log_entries.c.id)
            .where(~has_place)
            .order_by(log_queue.c.id)
            .limit(limit)
        )
        found = [_entry(row) for row in await self._connection.execute(statement)]
        return [entry for entry in found if entry is not None]

    async def entry(self, entry_id: str) -> Entry | None:
        """One entry; None when there is none, or one that cannot be read."""
        row = (await self._connection.execute(select(*WRITTEN).where(log_entries.c.id == entry_id))).first()
        return None if row is None else _entry(row)

    async def place(self, head: Head, leaves: Sequence[Placed], tiles: Mapping[TileId, bytes]) -> None:
        """Give entries their places, with the tiles that change and the head that follows."""
        await self._make_room(leaves[0].seq, leaves[-1].seq)
        rows = [{"seq": each.seq, "entry_id": each.entry_id, "leaf": each.leaf} for each in leaves]
        await self._connection.execute(insert(log_leaves), rows)
        await self._connection.execute(
            delete(log_queue).where(log_queue.c.id.in_([each.entry_id for each in leaves]))
        )
        await self._connection.execute(
            _put_tile(self._connection.dialect.name),
            [
                {"level": tile.level, "number": tile.number, "hashes": hashes}
                for tile, hashes in tiles.items()
            ],
        )
        await self._put_head(head)

    async def _make_room(self, first: int, last: int) -> None:
        """
        The partitions that begin with these places, on PostgreSQL.

        A partition is attached, not created in its place: that would wait for every reader.
        """
        if self._connection.dialect.name != "postgresql":
            return
        for number in range((first - 1 >> PARTITION_BITS) + 1, (last >> PARTITION_BITS) + 1):
            name, begin = f"log_leaves_p{number}", number << PARTITION_BITS
            found = await self._connection.execute(text("SELECT to_regclass(:name)"), {"name": name})
            if found.scalar() is None:
                await self._connection.execute(text(f"CREATE TABLE {name} (LIKE log_leaves INCLUDING ALL)"))
                await self._connection.execute(
                    text(
                        f"ALTER TABLE log_leaves ATTACH PARTITION {name} "
                        f"FOR VALUES FROM ({begin}) TO ({begin + (1 << PARTITION_BITS)})"
                    )
                )

    async def _put_head(self, head: Head) -> None:
        """The head as it is now."""
        await self._connection.execute(update(log_head).where(log_head.c.id == HEAD).values(_values(head)))

    async def tiles(self, wanted: Collection[TileId]) -> dict[TileId, bytes]:
        """Tiles by their ids; one that is not there is missing."""
        if not wanted:
            return {}
        keys = [(tile.level, tile.number) for tile in wanted]
        statement = select(log_tiles).where(tuple_(log_tiles.c.level, log_tiles.c.number).in_(keys))
        rows = await self._connection.execute(statement)
        return {TileId(row.level, row.number): bytes(row.hashes) for row in rows}

    async def keep_checkpoint(self, head: Head, checkpoint: KeptCheckpoint) -> None:
        """Keep a checkpoint, with the head that follows."""
        await self._connection.execute(
            insert(log_checkpoints).values(
                number=checkpoint.number,
                size=checkpoint.size,
                root=checkpoint.root,
                note=checkpoint.note,
                at=checkpoint.at,
            )
        )
        await self._put_head(head)

    async def last_checkpoint(self) -> KeptCheckpoint | None:
        """The latest one."""
        statement = select(log_checkpoints).order_by(log_checkpoints.c.number.desc()).limit(1)
        row = (await self._connection.execute(statement)).first()
        return None if row is None else _checkpoint(row)

    async def checkpoint_over(self, size: int) -> KeptCheckpoint | None:
        """The first one over at least so many entries."""
        statement = (
            select(log_checkpoints)
            .where(log_checkpoints.c.size >= size)
            .order_by(log_checkpoints.c.size, log_checkpoints.c.number)
            .limit(1)
        )
        row = (await self._connection.execute(statement)).first()
        return None if row is None else _checkpoint(row)

    async def checkpoints(self, after: int, limit: int) -> list[KeptCheckpoint]:
        """Those whose number is higher than `after`, in their order."""
        statement = (
            select(log_checkpoints)
            .where(log_checkpoints.c.number > after)
            .order_by(log_checkpoints.c.number)
            .limit(limit)
        )
        return [_checkpoint(row) for row in await self._connection.execute(statement)]

    async def placed(self, entry_ids: Collection[str]) -> list[Placed]:
        """The places of entries, in their order; one that has none yet is missing."""
        statement = (
            select(log_leaves).where(log_leaves.c.entry_id.in_(list(entry_ids))).order_by(log_leaves.c.seq)
        )
        return [_placed(row) for row in await self._connection.execute(statement)]

    async def rows(self, after: int, limit: int) -> list[LeafRow]:
        """Leaves behind the place `after` with their entries, in their order."""
        page = (
            select(log_leaves)
            .where(log_leaves.c.seq > after)
            .order_by(log_leaves.c.seq)
            .limit(limit)
            .subquery("page")
        )
        statement = (
            select(page.c.seq, page.c.entry_id, page.c.leaf, *WRITTEN)
            .select_from(page.outerjoin(log_entries, log_entries.c.id == page.c.entry_id))
            .order_by(page.c.seq)
        )
        return [
            LeafRow(_placed(row), None if row.id is None else _entry(row), row.erased_at is None)
            for row in await self._connection.execute(statement)
        ]

    async def count_tiles(self) -> int:
        """How many tiles are kept."""
        found: int = (
            await self._connection.execute(select(func.count()).select_from(log_tiles))
        ).scalar_one()
        return found

    async def strays(self, after: str, limit: int) -> Strays:
        """Of `limit` entries behind the id `after` those that have no place and do not wait for one."""
        page = (
            select(log_entries.c.id)
            .where(log_entries.c.id > after)
            .order_by(log_entries.c.id)
            .limit(limit)
            .subquery("page")
        )
        asked = select(func.max(page.c.id), func.count()).select_from(page)
        last, count = (await self._connection.execute(asked)).one()
        statement = (
            select(page.c.id)
            .where(
                ~exists().where(log_leaves.c.entry_id == page.c.id),
                ~exists().where(log_queue.c.id == page.c.id),
            )
            .order_by(page.c.id)
        )
        return Strays(last or "", count, tuple((await self._connection.execute(statement)).scalars()))

    async def placed_twice(self, limit: int) -> list[str]:
        """Ids of entries that have more than one place; reads the whole log."""
        statement = (
            select(log_leaves.c.entry_id)
            .group_by(log_leaves.c.entry_id)
            .having(func.count() > 1)
            .order_by(log_leaves.c.entry_id)
            .limit(limit)
        )
        return list((await self._connection.execute(statement)).scalars())

    async def false_waiting(self, limit: int) -> list[str]:
        """Ids that wait for a place although there is no such entry, or although it has one."""
        statement = (
            select(log_queue.c.id)
            .where(
                or_(
                    ~exists().where(log_entries.c.id == log_queue.c.id),
                    exists().where(log_leaves.c.entry_id == log_queue.c.id),
                )
            )
            .order_by(log_queue.c.id)
            .limit(limit)
        )
        return list((await self._connection.execute(statement)).scalars())


def _put_tile(dialect: str) -> Any:
    """A tile, in the place of the one that was there."""
    made = (postgresql if dialect == "postgresql" else sqlite).insert(log_tiles)
    return made.on_conflict_do_update(
        index_elements=["level", "number"], set_={"hashes": made.excluded.hashes}
    )


def _entry(row: Row[Any]) -> Entry | None:
    """From its row; None for one that no program of ours wrote."""
    try:
        return entry_from(row)
    except (ValueError, TypeError):
        return None


def _values(head: Head) -> dict[str, Any]:
    """The columns of a head."""
    return {
        "origin": head.origin,
        "permit_key": head.permit_key,
        "size": head.size,
        "checkpoints": head.checkpoints,
    }


def _head(row: Row[Any]) -> Head:
    """From its row."""
    return Head(row.origin, bytes(row.permit_key), row.size, row.checkpoints)


def _placed(row: Row[Any]) -> Placed:
    """From its row."""
    return Placed(row.seq, row.entry_id, bytes(row.leaf))


def _checkpoint(row: Row[Any]) -> KeptCheckpoint:
    """From its row."""
    return KeptCheckpoint(row.number, row.size, bytes(row.root), bytes(row.note), row.at)
