"""What HTTP and a second process bring: permits per second, and what each process spends on one."""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
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
from tests.benchmarks.light_client import send_all
from tests.benchmarks.proc import cpu_seconds, family_cpu_seconds
from tests.benchmarks.throughput import envelope_from

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.postgres import PostgresServer, running_server

ROUNDS, PERMITS = 5, 200
WARM_UP = 40
"""Sent to each new process before the clock runs."""
CONNECTIONS = 8


def measure() -> dict[str, float]:
    """
    One process over HTTP beside its own admission path, then two processes on one PostgreSQL beside one.

    The client and PostgreSQL run on the same machine and take their share of it, so the processor time that
    each spends on a permit is given too: with as many processors as all of them need, it sets the rate.
    """
    with tempfile.TemporaryDirectory() as folder:
        nodes = make_network(Path(folder), ["CH", "FR"])
        figures = asyncio.run(_over_http(nodes))
    with tempfile.TemporaryDirectory() as folder, running_server() as server:
        asyncio.run(server.run("CREATE DATABASE processes"))
        nodes = make_network(Path(folder), ["CH", "FR"], databases={"FR": server.url("processes")})
        return figures | asyncio.run(_on_postgres(nodes, server))


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


async def _on_postgres(nodes: dict[str, DemoNode], server: PostgresServer) -> dict[str, float]:
    """One and two processes in turns, each time newly started."""
    first, port = nodes["FR"], free_port()
    (first.folder / "second").mkdir()
    second = replace(
        first, folder=first.folder / "second", port=port, environment={"ECITES_WEB__PORT": str(port)}
    )
    assert server.process is not None
    rates: dict[int, list[float]] = {1: [], 2: []}
    cpu = dict.fromkeys(("one", "two", "client", "PostgreSQL"), 0.0)
    for turn in range(ROUNDS):
        for count, serving in ((1, [first]), (2, [first, second])):
            envelopes = _envelopes(nodes["CH"], f"P{turn}-{count}")
            for node in serving:
                await _start(node)
            try:
                for node in serving:
                    warming = _envelopes(nodes["CH"], f"W{turn}-{count}-{node.port}", WARM_UP)
                    await send_all([node.port], warming, CONNECTIONS)
                before = family_cpu_seconds(server.process.pid)
                seconds, used, client = await _send(serving, envelopes)
                cpu["PostgreSQL"] += (family_cpu_seconds(server.process.pid) - before) / 2
            finally:
                for node in serving:
                    node.stop()
            rates[count].append(PERMITS / seconds)
            cpu["one" if count == 1 else "two"] += sum(used)
            cpu["client"] += client / 2
    each = {name: total / (ROUNDS * PERMITS) * 1e6 for name, total in cpu.items()}
    return {
        "one process on PostgreSQL, permits/s": statistics.median(rates[1]),
        "two processes on PostgreSQL, permits/s": statistics.median(rates[2]),
        "CPU of a permit, one process": each["one"],
        "CPU of a permit, two processes": each["two"],
        "CPU of a permit, PostgreSQL": each["PostgreSQL"],
        "CPU of a permit, client of both": each["client"],
        "RATIO two processes / one": statistics.median(
            two / one for two, one in zip(rates[2], rates[1], strict=True)
        ),
        "RATIO CPU of a permit, two processes / one": each["two"] / each["one"],
        "RATIO two / one with a core for each": 2 * each["one"] / each["two"],
    }


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
