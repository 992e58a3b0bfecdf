"""A partner that is known from a signed directory alone, with real processes."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.commands import run_json

from gateway import clock
from gateway.cli.demonstration import permits
from gateway.cli.demonstration.client import Client
from gateway.cli.demonstration.network import DemoNode, make_network

pytestmark = pytest.mark.e2e

NUMBER = "CH-2026-000124"
PATIENCE = 60.0


def publish(node: DemoNode, reader: DemoNode) -> None:
    """`node` exports itself, and `reader` imports that."""
    file = node.folder / "directory.xml"
    run("partner", "export", file, "--own", "--config", node.config)
    run("partner", "import", file, "--reason", "test", "--yes", "--config", reader.config)


def run(*arguments: object) -> None:
    """A command that must end well."""
    code, answer = run_json(*arguments)
    assert code == 0, answer


@pytest.fixture
def network(tmp_path: Path) -> Iterator[dict[str, DemoNode]]:
    """Switzerland and France; each has imported what the other exported, and has no [[partner]]."""
    made = make_network(tmp_path / "one", ["CH"]) | make_network(tmp_path / "other", ["FR"])
    pairs = ((made["CH"], made["FR"]), (made["FR"], made["CH"]))
    for node, other in pairs:
        shutil.copy(other.folder / "public" / "gateway.crt.pem", node.folder / "publisher.pem")
        with node.config.open("a", encoding="utf-8") as config:
            config.write(
                f'\n[directories]\nid = "{node.name.lower()}"\n'
                f'url = "{node.url}/exchange/v1/messages"\ntrusted = ["publisher.pem"]\n'
            )
    for node, other in pairs:
        publish(node, other)
    yield made
    for node in made.values():
        node.stop()


async def first_items(client: Client) -> list[dict[str, Any]]:
    """What the inbox holds as soon as it holds something."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if items := await client.inbox():
                return items
            await asyncio.sleep(0.02)


async def test_a_permit_goes_to_a_partner_of_a_directory(network: dict[str, DemoNode]) -> None:
    """Routing, delivery, the seal and the receipt work with what directories say, and nothing else."""
    swiss, french = network["CH"], network["FR"]
    async with aiohttp.ClientSession() as session:
        for node in network.values():
            node.start()
            await node.ready(session)
        permit = permits.make_permit(NUMBER, permits.LEATHER, clock.now())
        status, answer = await Client(session, swiss, "CH:MA").submit(permit)
        assert status == 202, answer
        items = await first_items(Client(session, french, "FR:CUSTOMS"))
        assert [item["number"] for item in items] == [NUMBER]
