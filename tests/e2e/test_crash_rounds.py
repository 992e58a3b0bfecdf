"""At random instants under load, kill -9, round after round: nothing is lost, nothing comes twice."""

import asyncio
import os
import secrets
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from support.postgres import PostgresServer

from gateway.cli.demonstration.network import DemoNode, authorities_of
from gateway.cli.simulation.faults import Faults
from gateway.cli.simulation.network import Gateways, Strike, make, running_network
from gateway.cli.simulation.plan import Kill, make_plan

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(3000)]

PERMITS = 12
PARTIES = ("CH", "FR")
HOSTED = {party.lower(): authorities_of(party) for party in PARTIES}
QUICK = """
[delivery]
first_pause_seconds = 0.2
longest_pause_seconds = 0.5

[breaker]
first_pause_seconds = 0.2
longest_pause_seconds = 0.5

[transport]
answer_seconds = 1.5

[worker]
lease_seconds = 2.0
poll_seconds = 0.5
"""


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    """How many; more in `make soak`."""
    asked: int = request.config.getoption("--crash-rounds")
    return asked


async def test_on_sqlite(tmp_path: Path, rounds: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Two gateways with a file each, one process each: sender and receiver are killed."""
    made = await asyncio.to_thread(make, tmp_path, HOSTED, extra=QUICK)
    await crash(made, rounds, capsys)


async def test_on_postgresql(
    tmp_path: Path, rounds: int, postgres: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    Two databases on one server; a web process and two workers for Switzerland, one process for France.

    Web processes, workers and backends of the server itself are killed.
    """
    names = {party.lower(): f"crash_{party.lower()}_{secrets.token_hex(6)}" for party in PARTIES}
    await postgres.run(*(f"CREATE DATABASE {name}" for name in names.values()))
    databases = {gateway: postgres.url(name) for gateway, name in names.items()}
    made = await asyncio.to_thread(make, tmp_path, HOSTED, databases, QUICK)
    made.nodes["ch"].arguments = ("--web-only",)
    workers = [_worker(made.nodes["ch"], tmp_path / f"worker-{n}") for n in (1, 2)]
    try:
        await crash(made, rounds, capsys, workers, {"postgres": _backend_killer(postgres)})
    finally:
        await postgres.run(*(f"DROP DATABASE {name} WITH (FORCE)" for name in names.values()))


async def crash(
    made: Gateways,
    rounds: int,
    capsys: pytest.CaptureFixture[str],
    helpers: Sequence[DemoNode] = (),
    more: Mapping[str, Strike] | None = None,
) -> None:
    """One network; in each round a dozen permits, one victim, and the books."""
    first = secrets.randbelow(1_000_000)
    async with running_network(
        made, Faults(first, frozenset(), 0), helpers=helpers, more_victims=more, patience=60
    ) as network:
        victims = sorted(network.victims)
        for seed in range(first, first + rounds):
            plan = make_plan(seed, PARTIES, PERMITS, Faults(seed, frozenset(), 0), victims, kills=1)
            pages = await network.play(plan)
            books = ", ".join(f"{page.name} {page.right}" for page in pages)
            (kill,) = plan.kills
            said = f"seed {seed}: {kill.victim} killed {kill.pause:.3f} s after permit {kill.after}: {books}"
            with capsys.disabled():
                sys.stdout.write(f"{said}\n")
            wrong = [complaint for page in pages for complaint in page.wrong]
            assert not wrong, said
        assert network.killed == rounds


def _worker(node: DemoNode, folder: Path) -> DemoNode:
    """One more process of the same gateway that only sends, with a log of its own."""
    folder.mkdir()
    return replace(node, name=folder.name, folder=folder, arguments=("--worker-only",), process=None)


def _backend_killer(postgres: PostgresServer) -> Strike:
    """The victim is a process that serves a connection: the server then throws out everybody."""

    async def strike(_: Kill) -> None:
        others = await postgres.run(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' "
            "AND datname LIKE 'crash%' ORDER BY backend_start DESC"
        )
        for row in others[:1]:
            os.kill(row["pid"], signal.SIGKILL)
        await _back(postgres)

    return strike


async def _back(postgres: PostgresServer) -> None:
    """Wait until the server takes connections again."""
    async with asyncio.timeout(60):
        while True:
            try:
                await postgres.run("SELECT 1")
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await asyncio.sleep(0.02)
            else:
                return
