"""Several `ecites serve` on one PostgreSQL: they share the work, and the death of one stops nothing."""

import asyncio
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.postgres import PostgresServer
from support.waiting import start, until

from gateway import clock
from gateway.cli.demonstration import permits
from gateway.cli.demonstration.client import Client
from gateway.cli.demonstration.network import DemoNode, free_port, make_network
from gateway.messagelog.entry import EntryKind
from gateway.messagelog.query import LogQuery
from gateway.storage.engine import open_engine
from gateway.storage.unit_of_work import Database

pytestmark = pytest.mark.e2e

STOPPING = Path(__file__).parent / "stopping.py"
QUICK = """
[delivery]
first_pause_seconds = 0.2
longest_pause_seconds = 0.5

[transport]
answer_seconds = 2.0

[worker]
lease_seconds = 3.0
poll_seconds = 0.5
"""


@dataclass(slots=True)
class Cluster:
    """Two processes of the Swiss gateway on one PostgreSQL, and the French gateway on SQLite."""

    first: DemoNode
    second: DemoNode
    french: DemoNode
    postgres: PostgresServer
    database: str

    async def rows(self, statement: str) -> list[Any]:
        """What stands in the Swiss database."""
        return await self.postgres.run(statement, database=self.database)


@pytest.fixture
def cluster(tmp_path: Path, postgres: PostgresServer) -> Iterator[Cluster]:
    """Nothing is started yet; the second process has another port and another log."""
    name = f"cluster_{secrets.token_hex(8)}"
    asyncio.run(postgres.run(f"CREATE DATABASE {name}"))
    nodes = make_network(tmp_path, ["CH", "FR"], extra=QUICK, databases={"CH": postgres.url(name)})
    (tmp_path / "second").mkdir()
    port = free_port()
    second = replace(
        nodes["CH"], folder=tmp_path / "second", port=port, environment={"ECITES_WEB__PORT": str(port)}
    )
    made = Cluster(nodes["CH"], second, nodes["FR"], postgres, name)
    try:
        yield made
    finally:
        for node in (made.first, made.second, made.french):
            node.kill()
        asyncio.run(postgres.run(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def submit(session: aiohttp.ClientSession, node: DemoNode, number: str) -> str:
    """Hand a permit over; returns the id of the submission."""
    permit = permits.make_permit(number, permits.LEATHER, clock.now())
    status, answer = await Client(session, node, "CH:MA").submit(permit)
    assert status == 202, answer
    return str(answer["id"])


def start_stopping(node: DemoNode, marker: Path) -> None:
    """Start a process that stops for ever when a partner has answered; `marker` appears then."""
    with node.log_file.open("ab") as log:
        node.process = subprocess.Popen(  # noqa: S603 - our own script with our own files
            [sys.executable, str(STOPPING), "before-settling", str(marker), str(node.config)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


async def delivered(session: aiohttp.ClientSession, node: DemoNode, submission: str) -> None:
    """Wait until a submission has reached the partner, as one of the processes tells it."""

    async def done() -> bool:
        followed = await Client(session, node, "CH:MA").follow(submission)
        states = {each["state"] for each in followed["deliveries"]}
        assert states <= {"queued", "sending", "delivered"}, followed
        return states == {"delivered"}

    await until(done, f"{submission} is delivered")


async def assert_there_once(session: aiohttp.ClientSession, cluster: Cluster, *numbers: str) -> None:
    """Each consumer has each permit once, and the partner's log knows of no message that it took twice."""
    for node, authority in (
        (cluster.french, "FR:MA"),
        (cluster.french, "FR:CUSTOMS"),
        (cluster.second, "CH:CUSTOMS"),
    ):
        items = await Client(session, node, authority).inbox()
        assert sorted(item["number"] for item in items) == sorted(numbers), authority
    database = Database(open_engine(f"sqlite:///{cluster.french.folder / 'ecites.db'}"))
    async with database.read() as transaction:
        received = await transaction.log.search(LogQuery(kinds=(EntryKind.RECEIVED,), limit=1000))
    await database.close()
    assert Counter(entry.number for entry in received) == Counter(numbers)


async def test_the_death_of_one_of_two_stops_nothing(cluster, session):
    """Two share thirty permits, one is killed with kill -9 in the middle: all arrive, each once."""
    await start(session, cluster.first, cluster.second, cluster.french)
    numbers = [f"CH-2026-{n:06}" for n in range(30)]
    submissions = []
    for count, number in enumerate(numbers):
        alive = cluster.second if count % 2 or count >= 20 else cluster.first
        submissions.append(await submit(session, alive, number))
        if count == 19:
            cluster.first.kill()
    for submission in submissions:
        await delivered(session, cluster.second, submission)
    await assert_there_once(session, cluster, *numbers)


async def test_what_a_killed_process_sent_is_taken_over_when_its_lease_ends(cluster, session, tmp_path):
    """
    The first process dies with the partner's answer in its hand and nothing written.

    As long as it lives its heart keeps the lease, for longer than a lease; after its death the second process
    waits for the end of the lease, to the moment, and then sends the same message. The partner has it once.
    """
    marker = tmp_path / "reached"
    start_stopping(cluster.first, marker)
    cluster.french.start()
    await cluster.french.ready(session)
    await cluster.first.ready(session)
    submission = await submit(session, cluster.first, "CH-2026-000001")

    async def reached() -> bool:
        return marker.exists()

    async def lease() -> datetime:
        (row,) = await cluster.rows("SELECT due_at FROM deliveries WHERE state = 'sending'")
        return row["due_at"]

    await until(reached, "the partner has answered")
    await start(session, cluster.second)
    begin = await lease()

    async def extended_twice() -> bool:
        return (await lease() - begin).total_seconds() > 3.5  # more than one whole lease later

    await until(extended_twice, "the living process has kept its lease for longer than one lease")
    cluster.first.kill()
    end = await lease()
    await delivered(session, cluster.second, submission)
    (attempt,) = await cluster.rows("SELECT started_at FROM delivery_attempts")
    assert attempt["started_at"] >= end
    await assert_there_once(session, cluster, "CH-2026-000001")


async def test_one_takes_requests_and_another_one_sends(cluster, session):
    """A web process queues; a worker process that looks by itself every ten minutes only is woken."""
    web = replace(cluster.second, arguments=("--web-only",))
    worker = replace(
        cluster.first,
        arguments=("--worker-only",),
        environment={"ECITES_WORKER__POLL_SECONDS": "600"},
    )
    try:
        await start(session, web, cluster.french)
        submission = await submit(session, web, "CH-2026-000001")
        worker.start()
        await delivered(session, web, submission)
        second = await submit(session, web, "CH-2026-000002")
        await delivered(session, web, second)
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{worker.url}/healthz")
    finally:
        web.kill()
        worker.kill()


async def test_a_web_process_alone_sends_nothing(cluster, session):
    """What it takes stays queued until a process with a worker comes."""
    web = replace(cluster.second, arguments=("--web-only",))
    try:
        await start(session, web, cluster.french)
        submission = await submit(session, web, "CH-2026-000001")
        web.stop()  # in order: what it had begun to send it would send to the end
        (row,) = await cluster.rows("SELECT state, attempts FROM deliveries WHERE partner <> ''")
        assert tuple(row) == ("queued", 0)
        await start(session, cluster.first)
        await delivered(session, cluster.first, submission)
    finally:
        web.kill()


async def test_a_database_that_goes_away_and_comes_back(cluster, session):
    """While PostgreSQL is down callers get 503 and when to come again; afterwards nothing needs a restart."""
    await start(session, cluster.first, cluster.french)
    client = Client(session, cluster.first, "CH:MA")
    first = await submit(session, cluster.first, "CH-2026-000001")
    await delivered(session, cluster.first, first)
    cluster.postgres.stop()
    try:
        permit = permits.make_permit("CH-2026-000002", permits.LEATHER, clock.now())
        async with session.post(
            f"{cluster.first.url}/api/v1/permits",
            data=permit,
            headers=client.headers | {"Content-Type": "application/xml"},
        ) as answer:
            told = await answer.json(content_type=None)
            assert (answer.status, told["code"]) == (503, "storage_error")
            assert int(answer.headers["Retry-After"]) > 0
            assert "PostgreSQL" in told["advice"]
    finally:
        cluster.postgres.start()
    status, answer = await client.submit(permit)
    assert status == 202, answer
    await delivered(session, cluster.first, answer["id"])
    await start(session, cluster.second)
    await assert_there_once(session, cluster, "CH-2026-000001", "CH-2026-000002")
