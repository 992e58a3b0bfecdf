"""Two gateways: what customs of both countries wrote off is what both countries report."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from support.commands import run_json
from support.waiting import until

from gateway import clock
from gateway.cli.demonstration import permits
from gateway.cli.demonstration.client import Client
from gateway.cli.demonstration.network import DemoNode

pytestmark = pytest.mark.e2e

NUMBER = "CH/2026/000777"
SKINS = (permits.Row("Crocodylus niloticus", "Nile crocodile", "whole skins", "SKI", "II", "C", "12"),)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def post(client: Client, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Say something about the permit."""
    whole = {"issuer": "CH", "number": NUMBER, **body}
    async with client.session.post(
        f"{client.node.url}/api/v1/permits/{path}", json=whole, headers=client.headers
    ) as answer:
        return answer.status, await answer.json()


async def endorse(client: Client, side: str, quantity: str, dead: str = "0") -> None:
    """Customs write off one line."""
    body = {
        "side": side,
        "on": clock.now().date().isoformat(),
        "office": "office",
        "lines": [{"line": "A", "quantity": quantity, "dead": dead}],
    }
    status, answer = await post(client, "endorsements", body)
    assert status == 201, answer
    assert answer["unreached"] == []


async def balance(client: Client) -> dict[str, Any]:
    """What a gateway knows of the only line; nothing when it does not hold the permit."""
    status, answer = await post(client, "ledger", {})
    return dict(answer["balances"][0]) if status == 200 else {}


async def told(client: Client, name: str, quantity: str) -> None:
    """Wait until a gateway has heard of an amount."""

    async def heard() -> bool:
        said = (await balance(client)).get(name)
        return said is not None and Decimal(said) == Decimal(quantity)

    await until(heard, f"{client.authority} knows that {quantity} were {name}")


async def report(node: DemoNode, *arguments: object) -> tuple[int, dict[str, Any]]:
    """Run `ecites report` beside the gateway that serves; exit code and JSON."""
    whole = ("report", *arguments, "--authority", f"{node.name}:MA", "--config", node.config)
    return await asyncio.to_thread(run_json, *whole)


async def test_both_report_what_crossed(network: dict[str, DemoNode], session: aiohttp.ClientSession) -> None:
    """
    Permitted are 12. Switzerland wrote off 10, France 9, of which one was dead.

    1. The permit travels to France.
    2. Customs of both countries write off what they see; each gateway hears of the other.
    3. Each Party reports what crossed its own border, from its own database.
    4. Both find the difference of one.
    """
    swiss, french = network["CH"], network["FR"]
    for node in (swiss, french):
        node.start()
    for node in (swiss, french):
        await node.ready(session)
    out, into = Client(session, swiss, "CH:CUSTOMS"), Client(session, french, "FR:CUSTOMS")
    # 1
    status, answer = await Client(session, swiss, "CH:MA").submit(
        permits.make_permit(NUMBER, SKINS, clock.now())
    )
    assert status == 202, answer
    await until(lambda: balance(into), "the permit is in France")
    # 2
    await endorse(out, "export", "10")
    await told(into, "exported", "10")
    await endorse(into, "import", "9", dead="1")
    await told(out, "imported", "9")
    # 3
    year = clock.now().year
    for node, side, quantity in ((swiss, "export", "10"), (french, "import", "9")):
        code, answer = await report(node, "annual", "--year", year, "--side", side)
        assert (code, answer["party"], answer["remarks"]) == (0, node.name, [])
        (row,) = answer["rows"]
        assert (row["Quantity"], row["UnitCode"], row["ExportPermit"]) == (quantity, "NAR", NUMBER)
    # 4
    for node in (swiss, french):
        code, answer = await report(node, "reconciliation")
        assert (code, answer["counts"]["differs"]) == (0, 1)
        (permit,) = answer["permits"]
        (line,) = permit["lines"]
        amounts = {name: each["value"] for name, each in line.items() if isinstance(each, dict)}
        assert amounts == {"authorised": "12", "exported": "10", "imported": "9", "dead": "1", "left": "2"}
        assert "10 left and 9 arrived" in permit["findings"][0]["message"]
