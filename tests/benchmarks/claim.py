"""What it costs a worker to find its next messages: in short queues and in long ones."""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from gateway import clock
from gateway.exchange.delivery import Room
from gateway.storage.engine import open_engine, upgrade
from gateway.storage.unit_of_work import Database
from tests.benchmarks.queues import fill

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.postgres import running_server

SHORT, LONG = 1_000, 100_000
ROUNDS = 60
LIMIT, PER_PARTNER = 50, 4
"""As the worker claims with its default settings."""
AWAY = "away"


@dataclass(frozen=True, slots=True)
class Case:
    """How a queue is spread."""

    name: str
    partners: tuple[str, ...]
    away: int = 0
    """So many of a hundred belong to a partner whose breaker is open, and are the oldest."""


CASES = (
    Case("1 partner", ("p0",)),
    Case("200 partners", tuple(f"p{number}" for number in range(200))),
    Case("20 partners, 95 % for one that is away", tuple(f"p{number}" for number in range(20)), away=95),
)


class _NotMeant(Exception):
    """Takes the claim back, so that each round meets the same queue."""


def measure() -> dict[str, float]:
    """Microseconds of one claim, and how it grows from the short queue to the long one; both in turns."""
    times: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, running_server() as server:
        for case in CASES:
            files = [f"sqlite:///{Path(folder) / f'{case.name[:12]}-{count}.db'}" for count in (SHORT, LONG)]
            times |= asyncio.run(_measure(f"SQLite, {case.name}", case, files))
            names = [f"claim_{CASES.index(case)}_{count}" for count in (SHORT, LONG)]
            asyncio.run(server.run(*(f"CREATE DATABASE {name}" for name in names)))
            urls = [server.url(name) for name in names]
            times |= asyncio.run(_measure(f"PostgreSQL, {case.name}", case, urls))
    return times


async def _measure(title: str, case: Case, urls: list[str]) -> dict[str, float]:
    """Both lengths of one case, claim by claim in turns."""
    at = clock.now()
    taken: dict[int, list[float]] = {SHORT: [], LONG: []}
    waited: dict[int, list[float]] = {SHORT: [], LONG: []}
    async with AsyncExitStack() as stack:
        databases = {
            count: await stack.enter_async_context(_filled(url, case, count, at))
            for count, url in zip(taken, urls, strict=True)
        }
        for _ in range(ROUNDS):
            for count, database in databases.items():
                taken[count].append(await _claim(database, case, at))
                waited[count].append(await _next_due(database, case))
    short, long = (statistics.median(taken[count]) * 1e6 for count in (SHORT, LONG))
    soon, late = (statistics.median(waited[count]) * 1e6 for count in (SHORT, LONG))
    return {
        f"{title}: {SHORT:,} queued": short,
        f"{title}: {LONG:,} queued": long,
        f"RATIO {title}": long / short,
        f"RATIO {title}, when to look again": late / soon,
    }


@asynccontextmanager
async def _filled(url: str, case: Case, count: int, at: datetime) -> AsyncIterator[Database]:
    """A database with the tables of the migrations and a queue; it knows how its rows are spread."""
    engine = open_engine(url)
    await upgrade(engine)
    database = Database(engine)
    try:
        away = count * case.away // 100
        await fill(database, (AWAY,), count=away, at=at - timedelta(days=1))
        await fill(database, case.partners, count=count - away, at=at)
        async with engine.connect() as connection:
            await connection.exec_driver_sql("ANALYZE")
            await connection.commit()
        yield database
    finally:
        await database.close()


def _room(case: Case) -> Room:
    """None for the partner that is away."""
    return Room(PER_PARTNER, {AWAY: 0} if case.away else {})


async def _claim(database: Database, case: Case, at: datetime) -> float:
    """Seconds of one claim, which is taken back."""
    expected = min(LIMIT, PER_PARTNER * len(case.partners))
    seconds = 0.0
    try:
        async with database.write() as transaction:
            begin = time.perf_counter()
            claimed = await transaction.deliveries.claim(
                at=at,
                lease_until=at + timedelta(seconds=90),
                worker="worker",
                limit=LIMIT,
                room=_room(case),
            )
            seconds = time.perf_counter() - begin
            assert 0 < len(claimed) <= expected, len(claimed)
            raise _NotMeant  # noqa: TRY301 - it ends the transaction, that is all
    except _NotMeant:
        return seconds


async def _next_due(database: Database, case: Case) -> float:
    """Seconds until it is known when the next one is due."""
    async with database.read() as transaction:
        begin = time.perf_counter()
        assert await transaction.deliveries.next_due(_room(case)) is not None
        return time.perf_counter() - begin


if __name__ == "__main__":
    for label, value in measure().items():
        print(f"{label:<70}{value:>12,.2f}")
