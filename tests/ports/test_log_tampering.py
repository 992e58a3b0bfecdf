"""Somebody who can write into the database rewrites the log: verification finds it, whatever was done."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ports.conftest import empty_engine
from sqlalchemy import DateTime, LargeBinary, String, Table, delete, insert, select, update
from support.exchange import log_entry
from support.gateways import SetClock, swiss

from gateway.errors import ProofRefused
from gateway.flows.author import Author
from gateway.flows.erase_words import erase_words
from gateway.flows.make_checkpoint import make_checkpoint
from gateway.flows.prove import entry_with, prove_entries, prove_growth
from gateway.flows.verify_log import verify_log
from gateway.messagelog.proof import check_consistency, consistency, root
from gateway.messagelog.tiles import grown
from gateway.messagelog.tree import leaf_hash
from gateway.storage.engine import open_engine, upgrade
from gateway.storage.tables import (
    log_checkpoints,
    log_entries,
    log_head,
    log_leaves,
    log_queue,
    log_tiles,
)
from gateway.storage.unit_of_work import Database

BATCHES = (3, 260, 20)
"""Each ends with a checkpoint; two tiles of leaves, and a tile above them."""
WAITING = 2
SIZE = sum(BATCHES)

TABLES = (log_entries, log_leaves, log_tiles, log_checkpoints, log_head, log_queue)
DERIVED = {"words"}
"""Columns by which entries are only found; they say nothing that `detail` does not say."""


@dataclass
class World:
    """A log on a real database that can be put back to what it was."""

    node: Any
    engine: Any
    rows: dict[Table, list[dict[str, Any]]]
    notes: list[Any]

    async def put_back(self):
        """Every table as it was."""
        async with self.engine.begin() as connection:
            for table in TABLES:
                await connection.execute(delete(table))
                await connection.execute(insert(table), self.rows[table])

    @asynccontextmanager
    async def tampered(self, *statements):
        """With some statements of somebody else."""
        async with self.engine.begin() as connection:
            for statement in statements:
                await connection.execute(statement)
        try:
            yield
        finally:
            await self.put_back()


@pytest.fixture
def runner():
    """Hypothesis calls no coroutines, so the test runs them."""
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(params=["postgresql", "sqlite"])
def world(request, tmp_path, runner):
    """A log with three checkpoints and two entries that wait."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    made = runner.run(_made(tmp_path, server))
    yield made
    runner.run(made.engine.dispose())


async def _made(folder, server):
    """On SQLite, or on the server."""
    if server is None:
        engine = open_engine(f"sqlite:///{folder / 'ecites.db'}")
        await upgrade(engine)
    else:
        engine = await empty_engine(server)
    node = swiss(Database(engine), SetClock())
    notes = []
    for count in BATCHES:
        await write(node, count)
        notes.append((await make_checkpoint(node)).checkpoint)
        node.clock.forward(seconds=61)
    await write(node, WAITING)
    async with engine.connect() as connection:
        rows = {
            table: [
                dict(row._mapping)
                for row in await connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in TABLES
        }
    return World(node, engine, rows, notes)


async def write(node, count):
    """So many entries, each of its own."""
    made = [log_entry(id=node.clock.new_id(), number=f"CH-{n}", detail=f"entry {n}") for n in range(count)]
    made = [replace(each, salt=bytes([n % 256]) * 16, headers={"n": str(n)}) for n, each in enumerate(made)]
    async with node.storage.write() as transaction:
        await transaction.log.append(*made)


def another(column, value):
    """Another value of the same kind."""
    if isinstance(column.type, LargeBinary):
        return bytes([value[0] ^ 1]) + value[1:] if value else b"x"
    if isinstance(column.type, DateTime) or hasattr(value, "astimezone"):
        return value + timedelta(microseconds=1)
    if column.name == "headers":
        return '{"n":"another"}'
    if isinstance(column.type, String) or isinstance(value, str):
        return ("X" if value[:1] != "X" else "Y") + value[1:]
    return value + 10_000  # so that no key is taken


def at(table, row):
    """Where a row is found."""
    return [column == row[column.name] for column in table.primary_key]


class Tampering:
    """Ways to rewrite a log; each returns statements, and a word for the report."""

    def __init__(self, world: World, data) -> None:
        """Draws from `data`."""
        self.rows, self.data = world.rows, data

    def row(self, table):
        """One of the rows."""
        return self.rows[table][self.data.draw(st.integers(0, len(self.rows[table]) - 1))]

    def table(self):
        """One of the tables."""
        return self.data.draw(st.sampled_from(TABLES[:-1]))

    def rewrite(self):
        """One column of one row."""
        table = self.table()
        waiting = {each["id"] for each in self.rows[log_queue]}
        row = self.row(table)
        if table is log_entries and row["id"] in waiting:
            row = self.rows[table][0]  # what waits is not proven yet
        names = [
            column.name
            for column in table.c
            if column.name not in DERIVED and row[column.name] is not None and column.name != "id"
        ]
        column = table.c[self.data.draw(st.sampled_from(names))]
        values = {column.name: another(column, row[column.name])}
        return [update(table).where(*at(table, row)).values(values)]

    def remove(self):
        """One row, also one that waits."""
        table = self.data.draw(st.sampled_from(TABLES))
        return [delete(table).where(*at(table, self.row(table)))]

    def add(self):
        """One row more, much like another."""
        table = self.data.draw(
            st.sampled_from((log_entries, log_leaves, log_tiles, log_checkpoints, log_queue))
        )
        row = dict(self.row(table))
        for column in table.primary_key:
            row[column.name] = (
                row[column.name][:-12] + "000000000000"
                if isinstance(row[column.name], str)
                else row[column.name] + 1000
            )
        return [insert(table).values(row)]

    def swap(self):
        """Two rows, but for their keys."""
        table = self.data.draw(st.sampled_from((log_entries, log_leaves, log_tiles, log_checkpoints)))
        placed = self.rows[table][: SIZE if table is log_entries else None]
        places = st.integers(0, len(placed) - 1)
        one = self.data.draw(places)
        two = self.data.draw(places.filter(lambda n: n != one))
        keys = {column.name for column in table.primary_key}
        return [
            update(table)
            .where(*at(table, placed[here]))
            .values({name: value for name, value in placed[there].items() if name not in keys})
            for here, there in ((one, two), (two, one))
        ]


@pytest.mark.parametrize("way", ["rewrite", "remove", "add", "swap"])
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_done_to_the_database_is_found(world: World, runner, way: str, data):
    """Random rows, columns and tables."""
    statements = getattr(Tampering(world, data), way)()

    async def found():
        async with world.tampered(*statements):
            return not (await verify_log(world.node)).holds

    assert runner.run(found()), [(str(each), each.compile().params) for each in statements]


def test_the_log_holds_when_nobody_touches_it(world: World, runner):
    """Also after it was put back, as the test above does."""

    async def holds():
        before = await verify_log(world.node)
        async with world.tampered(delete(log_tiles)):
            assert not (await verify_log(world.node)).holds
        return before, await verify_log(world.node)

    for report in runner.run(holds()):
        assert (report.breaks, report.size, report.unplaced.count, report.checkpoints) == (
            [],
            SIZE,
            WAITING,
            3,
        )


def lying(world: World, data):
    """The log as somebody makes it who rewrites entries below the second checkpoint and hides it well."""
    first, second = data.draw(st.tuples(st.integers(0, 200), st.integers(0, 200)))
    way = data.draw(st.sampled_from(("rewrite", "remove", "add", "swap")))
    leaves = [row["leaf"] for row in world.rows[log_leaves]]
    forged = leaves[first].replace(b'"received"', b'"refused"')
    if way == "rewrite":
        leaves[first] = forged
    elif way == "remove":
        del leaves[first]
    elif way == "add":
        leaves.insert(first, forged)
    else:
        other = second if second != first else first + 1
        leaves[first], leaves[other] = leaves[other], leaves[first]
    return leaves


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_consistency_proof_hides_it(world: World, data):
    """Whoever has an old checkpoint asks for a proof up to a new one; the tree was made anew in between."""
    leaves = lying(world, data)
    tiles = grown(0, {}, map(leaf_hash, leaves))
    old = world.notes[1]
    new = root(len(leaves), tiles)
    with pytest.raises(ProofRefused):
        check_consistency(old.size, old.root, len(leaves), new, consistency(old.size, len(leaves), tiles))


def test_nothing_leaves_as_a_proof_that_does_not_hold(world: World, runner):
    """An entry that was changed is not proven, and no growth from a tree that was."""
    some = world.rows[log_leaves][5]

    async def ask():
        entry = await entry_with(some["entry_id"], world.node)
        assert len((await prove_entries([entry], world.node)).entries) == 1
        changed = update(log_entries).where(log_entries.c.id == entry.id).values(detail="another")
        async with world.tampered(changed):
            with pytest.raises(ProofRefused, match="words of entry"):
                await prove_entries([await entry_with(entry.id, world.node)], world.node)
        tile = next(row for row in world.rows[log_tiles] if (row["level"], row["number"]) == (0, 0))
        spoilt = (
            update(log_tiles)
            .where(*at(log_tiles, tile))
            .values(hashes=another(log_tiles.c.hashes, tile["hashes"]))
        )
        async with world.tampered(spoilt):
            with pytest.raises(ProofRefused):
                await prove_growth(world.notes[0].size, world.node)

    runner.run(ask())


def test_the_first_difference_is_named(world: World, runner):
    """At which entry, and what of it was changed."""
    row = world.rows[log_leaves][7]

    async def report():
        changed = update(log_entries).where(log_entries.c.id == row["entry_id"]).values(outcome="refused")
        async with world.tampered(changed):
            return await verify_log(world.node)

    found = runner.run(report())
    assert [(each.rule, each.place) for each in found.breaks] == [("log.entry-changed", 7)]
    assert found.breaks[0].message == f"entry {row['entry_id']} was changed after it got its place: outcome"


def test_words_that_were_lawfully_erased_are_no_break(world: World, runner):
    """The log says which, who and why; the tree still verifies; nobody can prove what they were."""
    ids = [row["entry_id"] for row in world.rows[log_leaves]][:3]

    async def erase():
        waiting = world.rows[log_queue][0]["id"]
        assert (
            await erase_words([*ids, waiting, "nosuch"], Author("ines", "five years are over"), world.node)
            == 4
        )
        assert await erase_words(ids, Author("ines", "again"), world.node) == 0
        await make_checkpoint(world.node)
        report = await verify_log(world.node)
        async with world.node.storage.read() as transaction:
            found = await transaction.log_tree.entry(ids[0])
        await world.put_back()
        return report, found

    report, found = runner.run(erase())
    assert report.breaks == []
    assert report.size == SIZE + WAITING + 4
    assert (found.actor, found.number, found.detail, found.salt, dict(found.headers)) == ("", "", "", b"", {})


def test_words_that_somebody_erased_in_silence_are_missed(world: World, runner):
    """As the database does it, and without an entry that says so."""
    first = world.rows[log_leaves][0]["entry_id"]

    async def report():
        async with world.node.storage.write() as transaction:
            assert await transaction.log.erase([first], world.node.clock.now()) == 1
        try:
            return await verify_log(world.node)
        finally:
            await world.put_back()

    assert [(each.rule, each.place) for each in runner.run(report()).breaks] == [("log.content-missing", 0)]
