"""Several processes write to one log and give places; one is killed again and again; the log holds."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest
from support.gateways import swiss

from gateway.flows.sequence import place_all
from gateway.flows.verify_log import verify_log
from gateway.loading.node import SystemClock
from gateway.signatures.keys import load_certificates
from gateway.storage.engine import open_engine, upgrade
from gateway.storage.unit_of_work import Database

pytestmark = pytest.mark.e2e

PROGRAM = Path(__file__).parent / "sequencing.py"
CERTIFICATE = Path(__file__).resolve().parents[2] / "keys" / "ch-gateway.crt.pem"
EACH, KILLS, LINES = 40, 2, 12


@pytest.fixture(params=["postgresql", "sqlite"])
async def url(request, tmp_path):
    """An empty database."""
    if request.param == "sqlite":
        made = f"sqlite:///{tmp_path / 'ecites.db'}"
        await prepared(made)
        yield made
        return
    postgres = request.getfixturevalue("postgres")
    async with postgres.fresh() as name:
        await prepared(postgres.url(name))
        yield postgres.url(name)


async def prepared(url):
    """With the tables."""
    engine = open_engine(url)
    await upgrade(engine)
    await engine.dispose()


async def started(url, count):
    """The program; it prints an id for each entry that is on the disk."""
    return await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), url, str(count), stdout=asyncio.subprocess.PIPE
    )


async def killed_after(url, lines):
    """What a process printed before it was killed in the middle of its work."""
    process = await started(url, 100_000)
    seen = [(await process.stdout.readline()).decode().strip() for _ in range(lines)]
    process.send_signal(signal.SIGKILL)
    rest = (await process.stdout.read()).decode().split("\n")
    await process.wait()
    return seen + [line.strip() for line in rest[:-1]]


async def finished(url):
    """What a process printed that came to its end."""
    process = await started(url, EACH)
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode().split()


async def killed_often(url):
    """One process after the other."""
    return [entry for _ in range(KILLS) for entry in await killed_after(url, LINES)]


async def test_nothing_is_lost_or_doubled(url):
    """Whatever was committed has exactly one place, and everything verifies."""
    async with asyncio.timeout(100):
        told = await asyncio.gather(finished(url), killed_often(url))
    committed = [entry for each in told for entry in each]
    assert len(set(committed)) == len(committed) >= EACH + KILLS * LINES
    node = swiss(Database(open_engine(url)), SystemClock())
    await place_all(node)
    report = await verify_log(node, certificates=load_certificates(CERTIFICATE))
    async with node.storage.read() as transaction:
        placed = [each.placed.entry_id for each in await transaction.log_tree.rows(-1, 100_000)]
    await node.storage.close()
    assert report.breaks == []
    assert report.unplaced.count == 0
    assert len(set(placed)) == len(placed) == report.size
    assert set(committed) <= set(placed)
