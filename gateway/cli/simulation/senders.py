"""The systems of Management Authorities: they hand permits over, and do it again until they are answered."""

import asyncio
from collections.abc import Sequence

import aiohttp

from gateway import clock
from gateway.cli.demonstration import permits
from gateway.cli.demonstration.client import Client
from gateway.cli.simulation.ledger import Handed, Ledger
from gateway.cli.simulation.plan import Shipment

AT_ONCE = 16
"""Permits that are being handed over at the same time."""
PAUSE = 0.1
"""Seconds before an authority's system tries again."""
PATIENCE = 10.0
"""Seconds that it waits for an answer."""


async def hand_over_all(shipments: Sequence[Shipment], clients: "dict[str, Client]", ledger: Ledger) -> None:
    """Hand over every permit; `clients` by Party."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(shipment: Shipment) -> None:
        async with places:
            await _hand_over(shipment, clients[shipment.exporter], ledger)

    async with asyncio.TaskGroup() as group:
        for shipment in shipments:
            group.create_task(one(shipment))


async def _hand_over(shipment: Shipment, client: Client, ledger: Ledger) -> None:
    """Until the gateway has said yes or no; always under the same key."""
    permit = permits.make_permit(
        shipment.number, shipment.rows, clock.now(), exporter=shipment.exporter, importer=shipment.importer
    )
    while True:
        try:
            async with asyncio.timeout(PATIENCE):
                status, answer = await client.submit(permit, key=shipment.number)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            status, answer = 0, {}
        if status in (200, 202):
            await ledger.hand(shipment.number, Handed(str(answer["id"]), str(answer["digest"])))
            return
        if 400 <= status < 500 and status != 429:  # noqa: PLR2004 - RFC 9110, 15.5; RFC 6585, 4
            ledger.troubles.append(
                f"{shipment.number} was refused: {answer.get('code')} {answer.get('detail')}"
            )
            return
        await asyncio.sleep(PAUSE)
