"""Partners change under a running gateway, and are tried out, with real processes."""

import asyncio

import aiohttp
import pytest
from support.commands import ecites, run_json

from gateway.cli.demonstration.client import Client
from gateway.cli.demonstration.network import DemoNode

pytestmark = pytest.mark.e2e

PATIENCE = 60.0
WHY = ("--reason", "test", "--yes")


async def tried(node: DemoNode, *more: object) -> dict[str, bool | None]:
    """What `ecites partner test fr` says of each trial."""
    code, answer = await asyncio.to_thread(run_json, "partner", "test", "fr", *more, "--config", node.config)
    results = {trial["id"]: trial["passed"] for trial in answer["trials"]}
    assert code == (0 if answer["passed"] else 1)
    return results


async def until(node: DemoNode, *, accepted: bool | None) -> None:
    """Wait until a test message of the node is accepted, or, with None, not even answered."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if (await tried(node))["accepted"] is accepted:
                return
            await asyncio.sleep(0.2)


async def complaint(node: DemoNode) -> None:
    """Wait until the running log says that something could not be taken in."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if '"not_reloaded"' in node.log_file.read_text(encoding="utf-8"):
                return
            await asyncio.sleep(0.1)


async def changes(node: DemoNode) -> list[tuple[str, str]]:
    """Who changed what, newest first."""
    answer = await ecites("log", "search", "--kind", "changed", "--config", node.config)
    return [(entry["actor"], entry["outcome"]) for entry in answer["entries"]]


async def test_a_partner_is_tried_removed_and_added_while_the_gateway_runs(
    network: dict[str, DemoNode],
) -> None:
    """Each change counts without a restart, and is in the message log with who did it, and since when."""
    swiss, french = network["CH"], network["FR"]
    async with aiohttp.ClientSession() as session:
        french.start()
        await french.ready(session)
        assert set((await tried(swiss, "--thorough")).values()) == {True}
        assert await Client(session, french, "FR:MA").inbox() == []
        removed = ("partner", "remove", "ch", *WHY, "--as", "Anna", "--config", french.config)
        await ecites(*removed)
        await until(swiss, accepted=None)
        file = swiss.folder / "public" / "ch.partner.toml"
        added = ("partner", "add", file, *WHY, "--as", "Anna", "--config", french.config)
        await ecites(*added)
        await until(swiss, accepted=True)
        assert await changes(french) == [
            ("gateway", "in-force"),
            ("Anna", "partner-added"),
            ("gateway", "in-force"),
            ("Anna", "partner-removed"),
            ("demo", "partner-added"),
        ]
        broken = french.folder / "partners.d" / "de.toml"
        broken.write_text("[[partner]]\nid = 7", encoding="utf-8")
        await complaint(french)
        assert (await tried(swiss))["accepted"] is True
