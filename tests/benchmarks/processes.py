"""What HTTP and a second process bring: permits per second, and what each process spends on one."""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiohttp

from gateway import clock
from gateway.cli.demonstration.network import DemoNode, free_port, make_network
from gateway.codec import registry
from gateway.config import load
from gateway.exchange import receipts
from gateway.flows.ports import Trail
from gateway.flows.receive import receive
from gateway.loading.beliefs import Beliefs
from gateway.loading.database import open_database
from gateway.loading.node import make_node
from gateway.signatures.verify import warm
from gateway.xmlio.parse import parse
from tests.benchmarks.held import held
from tests.benchmarks.light_client import send_all
from tests.benchmarks.proc import cpu_seconds, family_cpu_seconds
from tests.benchmarks.throughput import envelope_from

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.postgres import PostgresServer, running_server

ROUNDS, PERMITS = 5, 200
WARM_UP = 40
"""Sent to each new process before the clock runs."""
CONNECTIONS = 8
SHARE = 0.25
"""Of a core: twice this leaves most of two to PostgreSQL, the client and whoever else is there."""


def measure(held_to: float = SHARE) -> dict[str, float]:
    """
    One process over HTTP beside its own admission path, then two processes on one PostgreSQL beside one.

    The client and PostgreSQL run on the same machine and take their share of it, so the processor time that
    each spends on a permit is given too: with as many processors as all of them need, it sets the rate. A
    second time each process is held to `held_to` of a core, so that all of them have room on two.
    """
    with tempfile.TemporaryDirectory() as folder:
        nodes = make_network(Path(folder), ["CH", "FR"])
        figures = asyncio.run(_over_http(nodes))
    with tempfile.TemporaryDirectory() as folder, running_server() as server:
        asyncio.run(server.run("CREATE DATABASE processes"))
        nodes = make_network(Path(folder), ["CH", "FR"], databases={"FR": server.url("processes")})
        for share in (None, held_to):
            figures |= asyncio.run(_on_postgres(nodes, server, share))
    return figures


async def _over_http(nodes: dict[str, DemoNode]) -> dict[str, float]:
    """Rounds of both in turns, on the same database; one core serves in both."""
    receiver = nodes["FR"]
    rates: dict[str, list[float]] = {"alone": [], "http": []}
    spent: dict[str, float] = {"alone": 0.0, "http": 0.0, "client": 0.0}
    for turn in range(ROUNDS):
        envelopes = _envelopes(nodes["CH"], f"A{turn}")
        seconds, cpu = await _admit(receiver, envelopes)
        rates["alone"].append(PERMITS / seconds)
        spent["alone"] += cpu
        await _start(receiver)
        try:
            await send_all([receiver.port], _envelopes(nodes["CH"], f"W{turn}", WARM_UP), CONNECTIONS)
            seconds, used, client = await _send([receiver], _envelopes(nodes["CH"], f"H{turn}"))
        finally:
            receiver.stop()
        rates["http"].append(PERMITS / seconds)
        spent["http"] += sum(used)
        spent["client"] += client
    each = {name: total / (ROUNDS * PERMITS) * 1e6 for name, total in spent.items()}
    return {
        "admission path alone, permits/s": statistics.median(rates["alone"]),
        "one process over HTTP, permits/s": statistics.median(rates["http"]),
        "CPU of a permit, admission path": each["alone"],
        "CPU of a permit, process over HTTP": each["http"],
        "CPU of a permit, client": each["client"],
        "RATIO over HTTP / admission alone": statistics.median(
            ours / alone for ours, alone in zip(rates["http"], rates["alone"], strict=True)
        ),
        "RATIO the same by CPU": each["alone"] / each["http"],
    }


async def _admit(receiver: DemoNode, envelopes: Sequence[bytes]) -> tuple[float, float]:
    """Seconds, and seconds of the processor, in which the flow admits the envelopes, called directly."""
    registry.warm()
    warm()
    settings = load(receiver.config)
    database = await open_database(settings)
    node = make_node(settings, Beliefs.load(settings, clock.now()), database, lambda: None)
    begin, used = time.perf_counter(), time.process_time()
    try:
        answers = [await receive(envelope, node, Trail()) for envelope in envelopes]
    finally:
        taken = time.perf_counter() - begin, time.process_time() - used
        await database.close()
    outcomes = {receipts.read(parse(answer).root).outcome for answer in answers}
    assert outcomes == {receipts.Outcome.ACCEPTED}, outcomes
    return taken


@dataclass(slots=True)
class _Side:
    """What one process, or two, did in all rounds."""

    rates: list[float] = field(default_factory=list)
    """Permits per second of each round."""
    seconds: float = 0.0
    spent: float = 0.0
    """Seconds of the processors in the gateways, all of them together."""
    client: float = 0.0
    postgres: float = 0.0

    def each(self, seconds: float) -> float:
        """Microseconds of one permit."""
        return seconds / (len(self.rates) * PERMITS) * 1e6


async def _on_postgres(
    nodes: dict[str, DemoNode], server: PostgresServer, share: float | None
) -> dict[str, float]:
    """One and two processes in turns, each time newly started; each may have `share` of a core, None: all."""
    first, port = nodes["FR"], free_port()
    beside = first.folder / f"beside-{port}"
    beside.mkdir()
    second = replace(first, folder=beside, port=port, environment={"ECITES_WEB__PORT": str(port)})
    sides = {1: _Side(), 2: _Side()}
    for turn in range(ROUNDS):
        for count, serving in ((1, [first]), (2, [first, second])):
            name = f"{turn}-{count}-{port}"
            await _round(sides[count], serving, nodes["CH"], name, server, share)
    one, two = sides[1], sides[2]
    how = f", {share:.0%} of a core each" if share else ""
    figures = {
        f"one process on PostgreSQL{how}, permits/s": statistics.median(one.rates),
        f"two processes on PostgreSQL{how}, permits/s": statistics.median(two.rates),
        f"CPU of a permit, one process{how}": one.each(one.spent),
        f"CPU of a permit, two processes{how}": two.each(two.spent),
        f"CPU of a permit, PostgreSQL under one{how}": one.each(one.postgres),
        f"CPU of a permit, PostgreSQL under two{how}": two.each(two.postgres),
        f"CPU of a permit, client of both{how}": (one.each(one.client) + two.each(two.client)) / 2,
        f"RATIO two processes / one{how}": statistics.median(
            several / alone for several, alone in zip(two.rates, one.rates, strict=True)
        ),
        f"RATIO CPU of a permit, two processes / one{how}": two.each(two.spent) / one.each(one.spent),
    }
    if share is None:
        return figures | {"RATIO two / one with a core for each": 2 * one.spent / two.spent}
    return figures | {
        f"RATIO used of its {share:.0%}, one process": one.spent / one.seconds / share,
        f"RATIO used of their {share:.0%}, each of two": two.spent / two.seconds / share / 2,
    }


async def _round(
    side: _Side,
    serving: Sequence[DemoNode],
    sender: DemoNode,
    name: str,
    server: PostgresServer,
    share: float | None,
) -> None:
    """Start, warm up, send, stop."""
    assert server.process is not None
    envelopes = _envelopes(sender, f"P{name}")
    with ExitStack() as holding:
        for node in serving:
            holding.callback(node.stop)
            await _start(node)
            warming = _envelopes(sender, f"W{name}-{node.port}", WARM_UP)
            await send_all([node.port], warming, CONNECTIONS)
        for node in serving:
            assert node.process is not None
            holding.enter_context(held(node.process.pid, share))
        before = family_cpu_seconds(server.process.pid)
        seconds, used, client = await _send(serving, envelopes)
        side.postgres += family_cpu_seconds(server.process.pid) - before
    side.rates.append(PERMITS / seconds)
    side.seconds += seconds
    side.spent += sum(used)
    side.client += client


async def _start(node: DemoNode) -> None:
    """Start a process, wait until it answers."""
    node.start()
    async with aiohttp.ClientSession() as session:
        await node.ready(session)


async def _send(serving: Sequence[DemoNode], envelopes: Sequence[bytes]) -> tuple[float, list[float], float]:
    """Seconds, those of the processor in each process that serves, and those of this one, the client."""
    pids = [node.process.pid for node in serving if node.process is not None]
    before = [cpu_seconds(pid) for pid in pids]
    begin, used = time.perf_counter(), time.process_time()
    await send_all([node.port for node in serving], envelopes, CONNECTIONS // len(serving))
    taken = time.perf_counter() - begin
    spent = [cpu_seconds(pid) - cpu for pid, cpu in zip(pids, before, strict=True)]
    return taken, spent, time.process_time() - used


def _envelopes(sender: DemoNode, name: str, count: int = PERMITS) -> list[bytes]:
    """Signed before the clock runs."""
    return [envelope_from(sender, f"{name}-{number}") for number in range(count)]


if __name__ == "__main__":
    for label, value in measure().items():
        print(f"{label:<60}{value:>12,.2f}")
