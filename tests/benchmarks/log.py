"""The message log: appends with places and checkpoints beside bare inserts, and verifying a long one."""

import asyncio
import contextlib
import json
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Column, LargeBinary, MetaData, String, Table, Text, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway import clock
from gateway.flows.ports import Node
from gateway.flows.sequence import place_waiting
from gateway.flows.verify_log import verify_log
from gateway.loading.node import SystemClock
from gateway.messagelog.entry import Entry
from gateway.storage.engine import open_engine, upgrade
from gateway.storage.unit_of_work import Database
from gateway.workers.sequencer import LogSettings, Sequencer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.exchange import log_entry
from support.gateways import swiss
from support.postgres import running_server

WRITERS = 8
"""Requests at the same time, each with one entry in its transaction."""
ROUND_SECONDS = 3.0
ROUNDS = 5
CHECKPOINT_SECONDS = 1.0
"""Sixty times as often as by default."""
LONG = 1_000_000
BATCH = 1000

bare = Table(
    "bare",
    MetaData(),
    Column("id", String(36), primary_key=True),
    *(
        Column(name, String(64))
        for name in ("at", "kind", "actor", "partner", "authority", "message_id", "issuer", "number")
    ),
    *(Column(name, String(64)) for name in ("digest", "correlation_id", "outcome")),
    Column("detail", Text),
    Column("salt", LargeBinary),
    Column("headers", Text),
)
"""The same values, in one table with its key and no index more: what the database can do at best."""


def measure(entries: int = LONG) -> dict[str, float]:
    """Appends per second in turns, bare and logged; then what it takes to verify a long log."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, running_server() as server:
        asyncio.run(server.run("CREATE DATABASE log"))
        for name, url in (
            ("SQLite", f"sqlite:///{Path(folder) / 'log.db'}"),
            ("PostgreSQL", server.url("log")),
        ):
            figures |= {f"{name}: {label}": value for label, value in asyncio.run(_rates(url)).items()}
        for name, url in (
            ("SQLite", f"sqlite:///{Path(folder) / 'long.db'}"),
            ("PostgreSQL", server.url("log")),
        ):
            figures |= {
                f"{name}: {label}": value for label, value in asyncio.run(_long(url, entries)).items()
            }
    return figures


@contextlib.asynccontextmanager
async def _node(url: str) -> AsyncIterator[tuple[Node, AsyncEngine]]:
    """A gateway on a database with the tables of the migrations, and a table without anything."""
    engine = open_engine(url)
    await upgrade(engine)
    async with engine.begin() as connection:
        await connection.run_sync(bare.metadata.create_all)
    database = Database(engine)
    try:
        yield swiss(database, SystemClock()), engine  # type: ignore[arg-type]
    finally:
        await database.close()


def _entry() -> Entry:
    """As a flow makes one."""
    return replace(
        log_entry(id=clock.new_id(), at=clock.now(), detail="the partner answered as it must"),
        salt=secrets.token_bytes(16),
        headers={"sender": "CH:MA", "recipient": "FR:MA", "sent_at": "2026-11-24T12:00:00.000000Z"},
    )


async def _rates(url: str) -> dict[str, float]:
    """Both in turns, so that they meet the same moments of a noisy machine."""
    async with _node(url) as (node, engine):
        turn = asyncio.Lock() if engine.dialect.name == "sqlite" else contextlib.nullcontext()

        async def plain() -> None:
            values = _entry().as_dict() | {"salt": secrets.token_bytes(16)}
            values["headers"] = json.dumps(values["headers"])
            values.pop("erased_at", None)
            async with turn, engine.begin() as connection:
                await connection.execute(insert(bare), [values])

        async def logged() -> None:
            async with node.storage.write() as transaction:
                await transaction.log.append(_entry())

        rates: dict[str, list[float]] = {"bare": [], "logged": []}
        ratios, signed = [], 0
        for _ in range(ROUNDS):
            rates["bare"].append(await _rate(plain))
            async with _sequencing(node):
                rates["logged"].append(await _rate(logged, node))
            ratios.append(rates["logged"][-1] / rates["bare"][-1])
        async with node.storage.read() as transaction:
            head = await transaction.log_tree.head()
            signed = head.checkpoints if head else 0
        report = await verify_log(node)
        assert report.holds, report.breaks[:3]
    return {
        "bare inserts, commits/s": statistics.median(rates["bare"]),
        "appends with places and checkpoints, commits/s": statistics.median(rates["logged"]),
        "checkpoints signed meanwhile": float(signed),
        "RATIO appends / bare inserts": statistics.median(ratios),
    }


@contextlib.asynccontextmanager
async def _sequencing(node: Node) -> AsyncIterator[None]:
    """The worker as a gateway runs it, in the same process as the writers."""
    worker = Sequencer(node, LogSettings(checkpoint_seconds=CHECKPOINT_SECONDS))
    assert isinstance(node.storage, Database)
    node.storage.on_logged = worker.wake
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        task.cancel()


async def _rate(work: Callable[[], Awaitable[None]], node: Node | None = None) -> float:
    """Commits per second; of the log only what has its place counts, and the wait for the last place too."""
    begin, done = time.perf_counter(), 0

    async def write() -> None:
        nonlocal done
        while time.perf_counter() - begin < ROUND_SECONDS:
            await work()
            done += 1

    await asyncio.gather(*(write() for _ in range(WRITERS)))
    while node is not None and await _waits(node):  # noqa: ASYNC110 - the database rings no bell here
        await asyncio.sleep(0.01)
    return done / (time.perf_counter() - begin)


async def _waits(node: Node) -> int:
    """How many entries have no place yet."""
    async with node.storage.read() as transaction:
        return (await transaction.log_tree.unplaced()).count


async def _long(url: str, entries: int) -> dict[str, float]:
    """Fill a log up to a length, and verify it."""
    async with _node(url) as (node, _):
        begin = time.perf_counter()
        for _ in range(0, entries, BATCH):
            async with node.storage.write() as transaction:
                await transaction.log.append(*(_entry() for _ in range(BATCH)))
            while await place_waiting(node, BATCH):
                pass
        filled = time.perf_counter() - begin
        begin, cpu = time.perf_counter(), time.process_time()
        report = await verify_log(node)
        taken, cpu = time.perf_counter() - begin, time.process_time() - cpu
        assert report.holds, report.breaks[:3]
        assert report.size >= entries
    return {
        f"filling a log in batches of {BATCH}, entries/s": entries / filled,
        f"log verify over {report.size:,} entries, s": taken,
        f"log verify over {report.size:,} entries, s of CPU": cpu,
        "log verify, entries/s": report.size / taken,
    }


if __name__ == "__main__":
    for label, value in measure(int(sys.argv[1]) if len(sys.argv) > 1 else LONG).items():
        print(f"{label:<70}{value:>12,.2f}")
