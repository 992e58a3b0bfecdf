"""Permits per second into one real process over HTTP on loopback."""

import asyncio
import tempfile
import time
from pathlib import Path

import aiohttp

from gateway import clock
from gateway.cli.demonstration import permits
from gateway.cli.demonstration.client import Client, send_envelope
from gateway.cli.demonstration.network import DemoNode, make_network
from gateway.exchange import message
from gateway.exchange.message import Header, Kind
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.signatures.keys import SigningKey, load_signing_key
from gateway.signatures.sign import sign
from gateway.xmlio.parse import parse

PERMITS = 400
CONNECTIONS = 8


def measure() -> dict[str, float]:
    """Permits per second: received from a partner, and submitted by the authority's own system."""
    with tempfile.TemporaryDirectory() as folder:
        nodes = make_network(Path(folder), ["CH", "FR"])
        return asyncio.run(_measure(nodes))


async def _measure(nodes: dict[str, DemoNode]) -> dict[str, float]:
    """One process serves at a time; the other is not started."""
    received = [envelope_from(nodes["CH"], f"IN-{number}") for number in range(PERMITS)]
    submitted = [
        permits.make_permit(f"OUT-{number}", permits.LEATHER, clock.now()) for number in range(PERMITS)
    ]
    async with aiohttp.ClientSession() as session:
        client = Client(session, nodes["CH"], "CH:MA")

        async def send(envelope: bytes) -> int:
            return (await send_envelope(session, nodes["FR"], envelope))[0]

        async def submit(permit: bytes) -> int:
            return (await client.submit(permit))[0]

        rates = {}
        for name, node, work, items, status in (
            ("received over HTTP, permits/s", nodes["FR"], send, received, 200),
            ("submitted over HTTP, permits/s", nodes["CH"], submit, submitted, 202),
        ):
            node.start()
            try:
                await node.ready(session)
                rates[name] = await _rate(work, items, status)
            finally:
                node.stop()
    return rates


async def _rate(work: object, items: list[bytes], status: int) -> float:
    """Items per second over a few connections; every answer must have the status."""
    queue = iter(items)

    async def one() -> None:
        for item in queue:
            assert await work(item) == status  # type: ignore[operator]

    begin = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return len(items) / (time.perf_counter() - begin)


def _key(node: DemoNode, name: str) -> SigningKey:
    """A key out of a node's folder."""
    keys = node.folder / "keys"
    return load_signing_key(keys / f"{name}.key.pem", keys / f"{name}.crt.pem", at=clock.now())


def envelope_from(node: DemoNode, number: str) -> bytes:
    """A signed envelope from CH:MA to FR:MA."""
    sealed = sign(parse(permits.make_permit(number, permits.LEATHER, clock.now())).root, _key(node, "ch-ma"))
    header = Header(
        clock.new_id(),
        clock.new_id(),
        AuthorityId.parse("CH:MA"),
        AuthorityId.parse("FR:MA"),
        Kind.PERMIT,
        clock.now(),
        PermitRef.of("CH", number),
    )
    return sign(message.build(header, sealed), _key(node, "gateway"))
