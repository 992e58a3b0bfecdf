"""Searches in a long message log on PostgreSQL: the first page, the hundredth, and pages from anywhere."""

import asyncio
import math
import random
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from alembic import command
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway import clock
from gateway.messagelog.entry import Entry, EntryKind
from gateway.messagelog.ids import first_id
from gateway.messagelog.query import LogQuery
from gateway.permits.identity import AuthorityId
from gateway.storage.engine import _alembic, open_engine, upgrade
from gateway.storage.tables import log_entries
from gateway.storage.unit_of_work import Database
from tests.benchmarks import log_filling
from tests.benchmarks.proc import cpu_nanoseconds

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.postgres import PostgresServer, running_server

ENTRIES = 10_000_000
ROUNDS = 40
DEEP = 100
"""The page that is compared with the first one."""

PAGE = 100

Draw = Callable[[random.Random, "Sample"], LogQuery]


Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of one page: by the clock, and on a processor, here and in the server."""

    wall: float
    cpu: float
    """Less disturbed by whoever else uses the machine."""


class Sample:
    """Values that stand in the log, of entries from all of its months."""

    def __init__(self, rows: list[Mapping[str, str]]) -> None:
        """Some hundred entries."""
        self._rows = rows

    def of(self, draw: random.Random, name: str) -> str:
        """One of them."""
        return draw.choice(self._rows)[name]


def _authority(number: int) -> str:
    """As the log has them."""
    return f"CH:MA-{number}"


CASES: dict[str, Draw] = {
    "everything": lambda _d, _s: LogQuery(),
    "permit number": lambda d, s: LogQuery(number=s.of(d, "number")),
    "permit number that is not there": lambda d, _s: LogQuery(number=f"XX-{d.random()}"),
    "message id": lambda d, s: LogQuery(message_id=s.of(d, "message_id")),
    "correlation id": lambda d, s: LogQuery(correlation_id=s.of(d, "correlation_id")),
    "issuer, frequent": lambda _d, _s: LogQuery(issuer="AA"),
    "issuer, any": lambda d, s: LogQuery(issuer=s.of(d, "issuer")),
    "issuer that is not there": lambda _d, _s: LogQuery(issuer="ZZ"),
    "partner, frequent": lambda _d, _s: LogQuery(partner="p0"),
    "partner, rare": lambda _d, _s: LogQuery(partner="p39"),
    "authority, frequent": lambda _d, _s: LogQuery(authority=_authority(0)),
    "authority, rare": lambda _d, _s: LogQuery(authority=_authority(199)),
    "actor, frequent": lambda _d, _s: LogQuery(actor="worker"),
    "actor, any": lambda d, s: LogQuery(actor=s.of(d, "actor")),
    "kind, frequent": lambda _d, _s: LogQuery(kinds=(EntryKind.SENT,)),
    "kind, 1 in 5,000": lambda _d, _s: LogQuery(kinds=(EntryKind.OPERATED,)),
    "kind, 1 in 100,000": lambda _d, _s: LogQuery(kinds=(EntryKind.CHANGED,)),
    "three kinds": lambda _d, _s: LogQuery(kinds=(EntryKind.REFUSED, EntryKind.FAILED, EntryKind.OPERATED)),
    "outcome, frequent": lambda _d, _s: LogQuery(outcome="delivered"),
    "error code, frequent": lambda _d, _s: LogQuery(error_code="error_0"),
    "error code, any": lambda d, _s: LogQuery(error_code=f"error_{d.randrange(40)}"),
    "error code, rare": lambda _d, _s: LogQuery(error_code="error_38"),
    "an hour of any day": lambda d, _s: _hour(d),
    "word, frequent": lambda _d, _s: LogQuery(text="w1"),
    "word, any": lambda d, _s: LogQuery(text=f"w{1 + int(d.random() ** 2 * 5000)}"),
    "word, rare": lambda d, _s: LogQuery(text=f"w{d.randint(4900, 5000)}"),
    "word that is not there": lambda _d, _s: LogQuery(text="nowhere"),
    "two words": lambda d, _s: LogQuery(text=f"w{d.randint(1, 200)} w{d.randint(1, 200)}"),
    "two rare words": lambda d, _s: LogQuery(text=f"w{d.randint(3000, 5000)} w{d.randint(3000, 5000)}"),
    "partner and outcome": lambda d, _s: LogQuery(partner=f"p{d.randrange(40)}", outcome="not-valid"),
    "partner and error code": lambda d, _s: LogQuery(
        partner=f"p{d.randrange(40)}", error_code=f"error_{d.randrange(40)}"
    ),
    "partner and kind": lambda d, _s: LogQuery(partner=f"p{d.randrange(40)}", kinds=(EntryKind.REFUSED,)),
    "partner and an authority of another": lambda d, _s: LogQuery(
        partner=f"p{d.randrange(20)}", authority=_authority(d.randrange(100, 200))
    ),
    "authority and kind": lambda d, s: LogQuery(authority=s.of(d, "authority"), kinds=(EntryKind.ASKED,)),
    "kind and an outcome that it never has": lambda _d, _s: LogQuery(
        kinds=(EntryKind.SENT,), outcome="accepted"
    ),
    "partner and word": lambda d, _s: LogQuery(partner=f"p{d.randrange(40)}", text=f"w{d.randint(1, 5000)}"),
    "error code and word": lambda d, _s: LogQuery(
        error_code=f"error_{d.randrange(20)}", text=f"w{d.randint(1, 5000)}"
    ),
}


def _hour(draw: random.Random) -> LogQuery:
    """An hour within the log."""
    begin = clock.now() - timedelta(days=draw.uniform(1, log_filling.MONTHS * 30 - 1))
    return LogQuery(since=begin, until=begin + timedelta(hours=1))


def _seen(draw: random.Random, _sample: Sample, most: int) -> frozenset[AuthorityId]:
    """Whom somebody on a hub sees."""
    return frozenset(AuthorityId.parse(f"CH:MA-{draw.randrange(200)}") for _ in range(most))


CASES |= {
    "seen by somebody with 1 authority": lambda d, s: LogQuery(visible_to=_seen(d, s, 1)),
    "seen by somebody with 5 authorities": lambda d, s: LogQuery(visible_to=_seen(d, s, 5)),
    "seen by somebody, and a kind": lambda d, s: LogQuery(
        visible_to=_seen(d, s, 1), kinds=(EntryKind.REFUSED,)
    ),
    "seen by somebody, and a word": lambda d, s: LogQuery(
        visible_to=_seen(d, s, 1), text=f"w{d.randint(1, 5000)}"
    ),
    "seen by somebody, and a permit number": lambda d, s: LogQuery(
        visible_to=_seen(d, s, 1), number=s.of(d, "number")
    ),
}


def measure(entries: int = ENTRIES) -> dict[str, float]:
    """Milliseconds unless a line says otherwise; the migration is of a tenth of the entries."""
    with running_server() as server:
        results = asyncio.run(_measure(server, entries))
    return {f"{title}: {label}": value for title, rows in results.items() for label, value in rows.items()}


async def _measure(server: PostgresServer, entries: int) -> dict[str, dict[str, float]]:
    """Both benches on one server."""
    results = {f"Migration of {entries // 10:,} entries": await _migration(server, entries // 10)}
    async with _log(server, entries) as (engine, told):
        return results | {f"A log of {entries:,} entries": told} | await _searches(Database(engine), engine)


async def _migration(server: PostgresServer, entries: int) -> dict[str, float]:
    """How long moving a log without months takes."""
    async with server.fresh() as name:
        engine = open_engine(server.url(name), hurried=False)
        async with engine.begin() as connection:
            await connection.run_sync(lambda c: command.upgrade(_alembic(c), "0010"))
        await log_filling.fill(engine, entries, log_filling.PLAIN)
        begin = time.perf_counter()
        await upgrade(engine)
        seconds = time.perf_counter() - begin
        await engine.dispose()
    return {"ecites db upgrade, from 0010 to the newest, seconds": seconds}


@asynccontextmanager
async def _log(server: PostgresServer, entries: int) -> AsyncIterator[tuple[AsyncEngine, dict[str, float]]]:
    """A full log, as a server has it that has run for a while; what filling it took."""
    async with server.fresh() as name:
        filling = open_engine(server.url(name), hurried=False)
        await upgrade(filling)
        begin = time.perf_counter()
        async with filling.begin() as connection:
            again = await log_filling.without_indexes(connection)
            await connection.execute(text(log_filling.BORDER))
            await connection.exec_driver_sql(log_filling.MISSING_MONTHS)
        await log_filling.fill(filling, entries, log_filling.WORDED)
        async with filling.begin() as connection:
            await connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
            for statement in again:
                await connection.execute(text(statement))
        async with filling.connect() as connection:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(
                text("VACUUM ANALYZE log_entries")
            )
            size = await connection.scalar(
                text(
                    "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits "
                    "WHERE inhparent = 'log_entries'::regclass"
                )
            )
        told = {"filling, seconds": time.perf_counter() - begin, "size, GB": float(size) / 1e9}
        await filling.dispose()
        engine = open_engine(server.url(name))
        try:
            yield engine, told
        finally:
            await engine.dispose()


async def _searches(database: Database, engine: AsyncEngine) -> dict[str, dict[str, float]]:
    """Every case, beside the floor; the cases take turns, so that none finds its pages warm from itself."""
    sample = await _sample(engine)
    draw = random.Random(7)  # noqa: S311 - not a secret
    first: dict[str, list[Cost]] = {name: [] for name in CASES}
    anywhere: dict[str, list[Cost]] = {name: [] for name in CASES}
    floor: list[Cost] = []
    for _ in range(ROUNDS):
        for name, case in CASES.items():
            query = replace(case(draw, sample), limit=PAGE)
            first[name].append((await _cost(engine, _page(database, query)))[0])
            moment = clock.now() - timedelta(days=draw.uniform(0, log_filling.MONTHS * 30))
            elsewhere = replace(query, before=first_id(moment))
            anywhere[name].append((await _cost(engine, _page(database, elsewhere)))[0])
            floor.append((await _cost(engine, _by_key(engine, sample.of(draw, "id"))))[0])
    results = {"Floor, one entry by its key": _floor(floor)}
    for title, costs in (("First page", first), ("Page from anywhere", anywhere)):
        for percent in (50, 95):
            results[f"{title}, p{percent}"] = {
                name: _percentile([cost.wall for cost in taken], percent) for name, taken in costs.items()
            }
            results[f"{title}, processor time, p{percent}"] = {
                name: _percentile([cost.cpu for cost in taken], percent) for name, taken in costs.items()
            }
    deep = {
        name: await _deep(database, engine, replace(case(draw, sample), limit=PAGE))
        for name, case in CASES.items()
    }
    results[f"Page {DEEP}, processor time, p50 of its last 10"] = {
        name: value for name, value in deep.items() if value is not None
    }
    return results


async def _sample(engine: AsyncEngine) -> Sample:
    """Some entries of every month."""
    async with engine.connect() as connection:
        rows = await connection.execute(select(log_entries).where(text("random() < 0.0002")).limit(5000))
        return Sample([{key: str(value) for key, value in row._mapping.items()} for row in rows])


async def _cost(engine: AsyncEngine, work: Awaitable[Result]) -> tuple[Cost, Result]:
    """What something costs that uses one connection: here and in the server's process."""
    async with engine.connect() as connection:
        server = await connection.scalar(text("SELECT pg_backend_pid()"))
    here, there, begin = time.process_time(), cpu_nanoseconds(server), time.perf_counter()
    result = await work
    wall = time.perf_counter() - begin
    cpu = time.process_time() - here + (cpu_nanoseconds(server) - there) / 1e9
    return Cost(wall * 1000, cpu * 1000), result


async def _page(database: Database, query: LogQuery) -> list[Entry]:
    """One page, transaction included."""
    async with database.read() as transaction:
        return await transaction.log.search(query, seconds=25)


async def _by_key(engine: AsyncEngine, entry_id: str) -> None:
    """The quickest thing that a transaction can fetch."""
    async with engine.connect() as connection:
        found = (await connection.execute(select(log_entries).where(log_entries.c.id == entry_id))).all()
        assert len(found) == 1


async def _deep(database: Database, engine: AsyncEngine, query: LogQuery) -> float | None:
    """The pages before page `DEEP`, walked to; None when there are not so many."""
    times = []
    for _ in range(DEEP):
        cost, found = await _cost(engine, _page(database, query))
        times.append(cost.cpu)
        if len(found) < PAGE:
            return None
        query = query.after(found[-1].id)
    return statistics.median(times[-10:])


def _percentile(times: list[float], percent: int) -> float:
    """The time within which so many of a hundred ended."""
    return sorted(times)[max(math.ceil(len(times) * percent / 100) - 1, 0)]


def _floor(costs: list[Cost]) -> dict[str, float]:
    """All four figures."""
    wall, cpu = [cost.wall for cost in costs], [cost.cpu for cost in costs]
    return {
        "p50": _percentile(wall, 50),
        "p95": _percentile(wall, 95),
        "processor time, p50": _percentile(cpu, 50),
        "processor time, p95": _percentile(cpu, 95),
    }


if __name__ == "__main__":
    for label, value in measure(int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES).items():
        print(f"{label:<100}{value:>10,.1f}")
