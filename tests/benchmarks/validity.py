"""Answers to customs with few and with many permits in the database, on SQLite and on PostgreSQL."""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import insert

from gateway import clock
from gateway.cli.demonstration import permits
from gateway.codec import registry
from gateway.exchange import notices
from gateway.exchange.directory import Directory
from gateway.exchange.notice_record import NoticeRecord
from gateway.exchange.retry import RetryPolicy
from gateway.flows.check import check
from gateway.flows.ports import Node, Trail
from gateway.loading.node import SystemClock
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.notices import Endorsement, Side, WrittenOff
from gateway.permits.quantities import Quantity
from gateway.signatures.keyring import Keyring, TrustStore
from gateway.signatures.keys import SigningKey, new_development_key
from gateway.signatures.sign import sign
from gateway.storage import tables
from gateway.storage.engine import open_engine, upgrade
from gateway.storage.notices import values_of
from gateway.storage.unit_of_work import Database
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.parse import parse

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.postgres import running_server

SIZES = (10_000, 100_000, 1_000_000)
ASKED = 400
"""Permits that are asked about, spread over all of them; they are real, the others have their size."""
ENDORSED = 10
"""One of so many has been written off once."""
BATCH = 2_000
CH_MA, CH_CUSTOMS = AuthorityId.parse("CH:MA"), AuthorityId.parse("CH:CUSTOMS")


def measure(most: int = SIZES[-1]) -> dict[str, float]:
    """Answers per second, p50 and p99 in microseconds, and how the p50 grows with the number of permits."""
    sizes = [size for size in SIZES if size <= most]
    figures: dict[str, float] = {}
    for title in ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory() as folder, running_server() as server:
            middles = {}
            for size in sizes:
                if title == "SQLite":
                    url = f"sqlite:///{Path(folder) / f'{size}.db'}"
                else:
                    asyncio.run(server.run(f"CREATE DATABASE validity_{size}"))
                    url = server.url(f"validity_{size}")
                times = asyncio.run(_measure(url, size))
                middles[size] = statistics.median(times)
                cuts = statistics.quantiles(times, n=100)
                name = f"{title}, {size:,} permits"
                figures[f"{name}: p50"] = middles[size] * 1e6
                figures[f"{name}: p99"] = cuts[98] * 1e6
                figures[f"{name}: answers per second"] = len(times) / sum(times)
                figures[f"RATIO {name}: p99 / p50"] = cuts[98] / middles[size]
            figures[f"RATIO {title}: p50 of {sizes[-1]:,} / {sizes[0]:,}"] = (
                middles[sizes[-1]] / middles[sizes[0]]
            )
    return figures


async def _measure(url: str, size: int) -> list[float]:
    """Seconds of each answer, after as many that warm up."""
    engine = open_engine(url, hurried=False)
    await upgrade(engine)
    database = Database(engine)
    try:
        node, numbers = await _filled(database, size)
        registry.warm()
        chance = random.Random(size)  # noqa: S311 - the same ones each time
        times: list[float] = []
        for warm in (True, False):
            for number in chance.sample(numbers, len(numbers)):
                begin = time.perf_counter()
                answer = await check(PermitRef("CH", number), CH_CUSTOMS, node, Trail())
                if not warm:
                    times.append(time.perf_counter() - begin)
                assert answer.known
        return times
    finally:
        await database.close()


async def _filled(database: Database, size: int) -> tuple[Node, list[str]]:
    """So many permits, and the numbers of those that can be asked about."""
    at = clock.now()
    key = new_development_key("CH:MA", "CH", at=at - timedelta(days=2))
    asked = {n * size // ASKED for n in range(ASKED)}
    sample = _sealed("CH-0", key)
    numbers = []
    for start in range(0, size, BATCH):
        rows, endorsements = [], []
        for n in range(start, min(start + BATCH, size)):
            number = f"CH-2026-{n:09d}"
            original = sample
            if n in asked:
                original = _sealed(number, key)
                numbers.append(number)
            rows.append(_row(number, original, at))
            if n % ENDORSED == 0:
                endorsements.append(_endorsement(number, at))
        async with database.write() as transaction:
            await transaction._connection.execute(insert(tables.permits), rows)
            await transaction._connection.execute(insert(tables.notices), endorsements)
    if database._shared:
        async with database._engine.connect() as connection:
            raw = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await raw.exec_driver_sql("ANALYZE")
    node = Node(
        directory=Directory(frozenset({CH_MA, CH_CUSTOMS}), {}),
        trust=TrustStore.filled([("CH:MA", (key.certificate,))]),
        keys=Keyring(()),
        storage=database,
        clock=SystemClock(),
        retry=RetryPolicy(),
        wake=lambda: None,
    )
    return node, numbers


def _sealed(number: str, key: SigningKey) -> bytes:
    """A sealed permit of three lines."""
    made = permits.make_permit(number, permits.LEATHER, clock.now())
    return sign(parse(made).root, key)


def _row(number: str, original: bytes, at: datetime) -> dict[str, object]:
    """A permit as it is stored."""
    return {
        "id": clock.new_id(),
        "issuer": "CH",
        "number": number,
        "version": "v2",
        "type_code": "E",
        "exporter": "CH",
        "importer": "FR",
        "valid_until": at,
        "digest": sha256_hex(original),
        "original": original,
        "received_at": at,
    }


def _endorsement(number: str, at: datetime) -> dict[str, object]:
    """One line of a permit, written off."""
    notice = Endorsement(
        clock.new_id(),
        PermitRef("CH", number),
        CH_CUSTOMS,
        at,
        side=Side.EXPORT,
        on=at.date(),
        office="CH002571",
        lines=(WrittenOff("A", Quantity(Decimal(10))),),
    )
    document = notices.write(notice)
    return values_of(NoticeRecord(notice, document, sha256_hex(document), at))
