"""How long a message to a healthy partner takes while another partner is dead and has a long queue."""

import asyncio
import shutil
import statistics
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from pathlib import Path

import aiohttp

from gateway import clock
from gateway.cli.demonstration import permits
from gateway.cli.demonstration.client import Client
from gateway.cli.demonstration.network import DemoNode, make_network
from gateway.config import load
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.delivery_query import DeliveryQuery
from gateway.exchange.records import DeliveryRecord, Direction, MessageRecord
from gateway.loading.database import open_database
from gateway.permits.identity import AuthorityId
from gateway.storage.unit_of_work import Database
from gateway.xmlio.canonical import sha256_hex
from tests.benchmarks.proc import cpu_seconds
from tests.benchmarks.queues import queued

QUEUE = 10_000
ROUNDS, PERMITS, WARM_UP = 6, 30, 5
BATCH = 500
DEAD = "de"
NAMES = {
    "alone": "no queue",
    "settled": "10,000 delivered long ago",
    "refusing": "10,000 queued, refused",
    "silent": "10,000 queued, never answered",
}
OTHERS = tuple(NAMES)[1:]


def measure() -> dict[str, float]:
    """
    Milliseconds from submission to stored receipt, median and p90, without and with the dead one's queue.

    Beside them with as many messages that were all delivered: what a full database costs, without any queue.

    CH sends to FR, both real processes with SQLite files; permits are submitted one after the other. The
    cases take turns, each with a copy of the sender's folder of its own and a new start of the sender.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        nodes = make_network(folder, ["CH", "FR", DEAD.upper()])
        senders = {"alone": nodes["CH"]}
        for case in OTHERS:
            place = folder / case
            shutil.copytree(nodes["CH"].folder, place)
            senders[case] = replace(nodes["CH"], folder=place, config=place / nodes["CH"].config.name)
            asyncio.run(_fill(senders[case], settled=case == "settled"))
        return _figures(*asyncio.run(_measure(nodes, senders)))


async def _measure(
    nodes: dict[str, DemoNode], senders: dict[str, DemoNode]
) -> tuple[dict[str, list[list[float]]], dict[str, float]]:
    """Seconds of every delivery, and of the sender's processor for each, by case."""
    taken: dict[str, list[list[float]]] = {case: [] for case in senders}
    cpu = dict.fromkeys(senders, 0.0)
    order = list(senders)
    receiver = nodes["FR"]
    receiver.start()
    try:
        async with aiohttp.ClientSession() as session:
            await receiver.ready(session)
            for turn in range(ROUNDS):
                for case in order[turn % len(order) :] + order[: turn % len(order)]:
                    port = nodes[DEAD.upper()].port
                    async with _silence(port) if case == "silent" else nullcontext():
                        times, seconds = await _turn(session, senders[case], f"{case}-{turn}")
                    taken[case].append(times)
                    cpu[case] += seconds / (ROUNDS * PERMITS)
    finally:
        receiver.stop()
    return taken, cpu


async def _turn(session: aiohttp.ClientSession, sender: DemoNode, name: str) -> tuple[list[float], float]:
    """Start the sender, submit permits one after the other, read how long each delivery took."""
    sender.start()
    try:
        await sender.ready(session)
        client = Client(session, sender, "CH:MA")
        assert sender.process is not None
        begun, used = clock.now(), 0.0
        for number in range(WARM_UP + PERMITS):
            used = cpu_seconds(sender.process.pid) if number == WARM_UP else used
            await _delivered(client, permits.make_permit(f"{name}-{number}", permits.LEATHER, clock.now()))
        used = cpu_seconds(sender.process.pid) - used
    finally:
        sender.stop()
    database = await open_database(load(sender.config))
    try:
        async with database.read() as transaction:
            found = await transaction.deliveries.search(
                DeliveryQuery(partner="fr", created_since=begun, limit=1_000)
            )
    finally:
        await database.close()
    return [_seconds(each) for each in found[WARM_UP:]], used


async def _delivered(client: Client, permit: bytes) -> None:
    """Submit one and wait until its receipt is there."""
    status, answer = await client.submit(permit)
    assert status == 202, answer
    async with asyncio.timeout(60):
        while True:
            followed = await client.follow(answer["id"])
            states = {each["state"] for each in followed["deliveries"] if each["partner"] == "fr"}
            if states == {"delivered"}:
                return
            await asyncio.sleep(0.01)


def _seconds(delivery: DeliveryRecord) -> float:
    """From the submission to the receipt on disk."""
    assert delivery.settled_at is not None
    return (delivery.settled_at - delivery.created_at).total_seconds()


def _figures(taken: dict[str, list[list[float]]], cpu: dict[str, float]) -> dict[str, float]:
    """
    Milliseconds of all turns; ratios as the median over turns of the ratio within one turn.

    Beside them the processor time of the sender, which the load of others changes little.
    """
    figures: dict[str, float] = {}
    for word, reading in (("median", statistics.median), ("p90", _p90)):
        for case, turns in taken.items():
            figures[f"{NAMES[case]}, {word}, ms"] = reading(list(chain.from_iterable(turns))) * 1e3
        for case in OTHERS:
            pairs = zip(taken[case], taken["alone"], strict=True)
            figures[f"RATIO {case} / alone, {word}"] = statistics.median(
                reading(ours) / reading(others) for ours, others in pairs
            )
    for case, seconds in cpu.items():
        figures[f"{NAMES[case]}, CPU of the sender, ms"] = seconds * 1e3
    for case in OTHERS:
        figures[f"RATIO {case} / alone, CPU of the sender"] = cpu[case] / cpu["alone"]
    return figures


def _p90(times: list[float]) -> float:
    """Nine of ten took no longer."""
    return statistics.quantiles(times, n=10)[-1]


async def _fill(sender: DemoNode, *, settled: bool) -> None:
    """Put messages to the dead partner into the sender's database, as large as real ones: queued, or done."""
    database = await open_database(load(sender.config))
    envelope = b"<envelope>" + b"x" * 13_000 + b"</envelope>"
    try:
        for start in range(0, QUEUE, BATCH):
            await _add(database, range(start, start + BATCH), envelope, settled=settled)
    finally:
        await database.close()


async def _add(database: Database, numbers: range, envelope: bytes, *, settled: bool) -> None:
    """Some messages with their deliveries."""
    at, recipient = clock.now(), AuthorityId.parse(f"{DEAD.upper()}:MA")
    made = [replace(queued(DEAD, number, at), recipient=recipient) for number in numbers]
    soon = [replace(each, created_at=at, next_attempt_at=at - timedelta(hours=1)) for each in made]
    if settled:
        done = DeliveryState.DELIVERED
        soon = [replace(each, state=done, next_attempt_at=None, settled_at=at) for each in soon]
    async with database.write() as transaction:
        for each in soon:
            await transaction.messages.add(
                MessageRecord(
                    direction=Direction.OUT,
                    message_id=each.message_id,
                    conversation_id=each.conversation_id,
                    sender=each.sender,
                    recipient=recipient,
                    partner=DEAD,
                    permit=each.permit,
                    sent_at=at,
                    recorded_at=at,
                    envelope=envelope,
                    envelope_digest=sha256_hex(envelope),
                    payload_digest=sha256_hex(envelope),
                )
            )
        await transaction.deliveries.add(soon)


@asynccontextmanager
async def _silence(port: int) -> AsyncIterator[None]:
    """A partner that takes every connection and never says a word."""
    writers: list[asyncio.StreamWriter] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while await reader.read(65_536):
            pass

    server = await asyncio.start_server(listen, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        for writer in writers:
            writer.close()


if __name__ == "__main__":
    for label, value in measure().items():
        print(f"{label:<60}{value:>12,.2f}")
