"""The search finds what a plain filter over all entries finds, in pages without a gap or a double."""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.exchange import log_entry
from support.keys import NOW
from support.log_filter import matches
from support.postgres import PostgresServer

from gateway.clock import new_id
from gateway.messagelog.entry import Entry, EntryKind
from gateway.messagelog.query import LogQuery
from gateway.permits.identity import AuthorityId
from gateway.storage import log_search
from gateway.storage.engine import open_engine, upgrade
from gateway.storage.unit_of_work import Database

FEW = {
    "number": ["", "CH-1", "CH-2"],
    "issuer": ["", "CH", "FR"],
    "partner": ["", "fr", "de"],
    "authority": ["", "CH:MA", "FR:MA", "FR:CUSTOMS"],
    "actor": ["worker", "CH:MA", "FR:MA", "fr"],
    "outcome": ["accepted", "refused", "storage_error"],
    "message_id": ["", "m-1", "m-2"],
    "correlation_id": ["", "c-1"],
}
KINDS = [EntryKind.RECEIVED, EntryKind.REFUSED, EntryKind.FAILED, EntryKind.ASKED]
WORDS = ["permit", "Größe", "codes.species-unlisted", "délivré", "2026", "%", "the"]
AUTHORITIES = [AuthorityId.parse(each) for each in ("CH:MA", "FR:MA", "FR:CUSTOMS", "DE:MA")]
MOMENTS = st.integers(0, 400 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))
ENTRIES = 400


def some_log(seed: int) -> list[Entry]:
    """Entries of a year, with bursts and silences."""
    draw = random.Random(seed)  # noqa: S311 - not a secret
    at, made = NOW - timedelta(days=380), []
    for _ in range(ENTRIES):
        at += timedelta(minutes=draw.choice([0, 0, 0, 1, 60, 5000]))
        made.append(
            log_entry(
                id=new_id(at),
                at=at,
                kind=draw.choice(KINDS),
                detail=" ".join(draw.choices(WORDS, k=draw.randrange(4))),
                **{name: draw.choice(values) for name, values in FEW.items()},
            )
        )
    return made


@st.composite
def queries(draw: st.DrawFn) -> LogQuery:
    """Any conditions together, most of them absent."""
    asked = draw(st.sets(st.sampled_from(sorted(FEW)), max_size=3))
    return LogQuery(
        **{name: draw(st.sampled_from([*FEW[name], "none"])) for name in sorted(asked)},
        kinds=tuple(draw(st.lists(st.sampled_from(KINDS), max_size=2, unique=True))),
        error_code=draw(st.sampled_from(["", "", "", "storage_error", "refused"])),
        text=" ".join(draw(st.lists(st.sampled_from(WORDS), max_size=2))),
        since=draw(st.none() | MOMENTS),
        until=draw(st.none() | MOMENTS),
        visible_to=draw(st.none() | st.frozensets(st.sampled_from(AUTHORITIES), max_size=2)),
        before=draw(st.just("") | MOMENTS.map(new_id)),
        limit=draw(st.sampled_from([1, 3, 50])),
    )


@asynccontextmanager
async def on_sqlite(_postgres: PostgresServer) -> AsyncIterator[Database]:
    """A file."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'ecites.db'}")
        await upgrade(engine)
        yield Database(engine)
        await engine.dispose()


@asynccontextmanager
async def on_postgresql(postgres: PostgresServer) -> AsyncIterator[Database]:
    """A server."""
    async with postgres.fresh() as name:
        engine = open_engine(postgres.url(name))
        await upgrade(engine)
        yield Database(engine)
        await engine.dispose()


@pytest.fixture(params=[on_sqlite, on_postgresql], ids=["sqlite", "postgresql"])
def log(request, postgres):
    """A loop, a database in it, and the entries that stand there, newest first."""
    with asyncio.Runner() as runner:
        opened = request.param(postgres)
        database = runner.run(opened.__aenter__())
        entries = some_log(7)
        runner.run(_append(database, entries))
        yield runner, database, sorted(entries, key=lambda entry: entry.id, reverse=True)
        runner.run(opened.__aexit__(None, None, None))


async def _append(database: Database, entries: list[Entry]) -> None:
    async with database.write() as transaction:
        await transaction.log.append(*entries)


async def _pages(database: Database, query: LogQuery) -> list[Entry]:
    """All pages, one behind the other, each as long as it may be but the last."""
    found: list[Entry] = []
    while True:
        async with database.read() as transaction:
            page = await transaction.log.search(query)
        found += page
        if len(page) < query.limit:
            return found
        query = query.after(page[-1].id)


@pytest.fixture(autouse=True)
def _short_stretches(monkeypatch):
    """So that a search of a few hundred entries goes through several stretches."""
    monkeypatch.setattr(log_search, "FIRST", 20)
    monkeypatch.setattr(log_search, "GROWTH", 3)


def test_the_search_finds_what_a_filter_finds(log):
    """Whatever is asked for: the pages are the matching entries, newest first, and they are counted."""
    runner, database, entries = log

    @given(queries())
    def holds(query: LogQuery) -> None:
        wanted = [entry for entry in entries if matches(entry, query)]
        assert runner.run(_pages(database, query)) == wanted
        assert runner.run(_count(database, query)) == len(wanted)

    holds()


async def _count(database: Database, query: LogQuery) -> int:
    async with database.read() as transaction:
        return await transaction.log.count(replace(query, limit=1))
