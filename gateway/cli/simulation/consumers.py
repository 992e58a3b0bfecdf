"""The systems of authorities that receive: they list, fetch, write down, acknowledge, in that order."""

import asyncio

import aiohttp

from gateway.cli.demonstration.client import Client
from gateway.cli.simulation.ledger import Ledger
from gateway.permits.identity import AuthorityId
from gateway.xmlio.canonical import sha256_hex


async def consume(client: Client, ledger: Ledger, pause: float) -> None:
    """Take what comes, for ever; `pause` seconds after nothing came."""
    known: set[str] = set()
    while True:
        if not await take_what_waits(client, ledger, known):
            await asyncio.sleep(pause)


async def take_what_waits(client: Client, ledger: Ledger, known: set[str]) -> int:
    """One look into the inbox; returns how many items were taken. A gateway that is down has nothing."""
    authority = AuthorityId.parse(client.authority)
    taken = 0
    try:
        for item in await client.inbox():
            name = str(item["id"])
            if name in known:  # the acknowledgement was lost
                ledger.again += 1
            else:
                await ledger.take(str(item["number"]), authority, name, sha256_hex(await client.fetch(name)))
                known.add(name)
            await client.acknowledge(name)
            taken += 1
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError):
        pass
    return taken
