"""What becomes of a permit between real gateways: both customs, a cancellation, 200 at once."""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from e2e.conftest import QUICK
from support.commands import ecites
from support.notices import SEVERAL
from support.permits import line, permit
from support.postgres import PostgresServer
from support.waiting import PATIENCE, start, until

from gateway import clock
from gateway.cli.demonstration import permits
from gateway.cli.demonstration.client import Client
from gateway.cli.demonstration.network import DemoNode, free_port, make_network
from gateway.codec.registry import encode

pytestmark = pytest.mark.e2e

OFFICES = 200
ALLOWED = 40
NUMBER = "26/CH/0417-A"


async def post(
    session: aiohttp.ClientSession, node: DemoNode, authority: str, path: str, key: str = "", **body: Any
) -> tuple[int, dict[str, Any]]:
    """One request of an authority; returns status and answer."""
    headers = {"Authorization": f"Bearer {node.tokens[authority]}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    data = json.dumps(body).encode()
    async with session.post(f"{node.url}/api/v1/permits/{path}", data=data, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


def endorsement(number: str, side: str, quantity: str, **more: Any) -> dict[str, Any]:
    """What a customs office sends."""
    return {
        "issuer": "CH",
        "number": number,
        "side": side,
        "on": clock.now().date().isoformat(),
        "office": "CH002571" if side == "export" else "FR000450",
        "lines": [{"line": "A", "quantity": quantity}],
        **more,
    }


@pytest.fixture
def three(tmp_path: Path) -> Iterator[dict[str, DemoNode]]:
    """Switzerland, France and Germany, not yet started."""
    nodes = make_network(tmp_path, ["CH", "FR", "DE"], extra=QUICK)
    try:
        yield nodes
    finally:
        for node in nodes.values():
            node.kill()


async def test_the_journey_of_two_permits(three: dict[str, DemoNode]) -> None:
    """Written off by both customs, asked about in France; a second one is cancelled; the books agree."""
    swiss, french, german = three["CH"], three["FR"], three["DE"]
    async with aiohttp.ClientSession() as session:
        await start(session, swiss, french, german)
        at = clock.now()
        for number in (NUMBER, "26/CH/0418-A"):
            status, answer = await Client(session, swiss, "CH:MA").submit(
                permits.make_permit(number, permits.LEATHER, at)
            )
            assert status == 202, answer

        async def ledger(node: DemoNode, number: str = NUMBER) -> dict[str, Any] | None:
            authority = next(each for each in node.tokens if each.endswith(":MA"))
            status, answer = await post(session, node, authority, "ledger", issuer="CH", number=number)
            return answer if status == 200 else None

        async def agreed(notices: int, number: str = NUMBER) -> dict[str, Any] | None:
            one, other = await ledger(swiss, number), await ledger(french, number)
            return one if one and one == other and len(one["notices"]) == notices else None

        body = endorsement(NUMBER, "export", "100", customs_document="26CH0000000000001")
        status, exported = await post(session, swiss, "CH:CUSTOMS", "endorsements", **body)
        assert status == 201, exported
        assert exported["unreached"] == []
        await until(lambda: agreed(1), "France knows what left")

        validity = await Client(session, french, "FR:CUSTOMS").ask("CH", NUMBER)
        assert validity["valid"] is True
        body = endorsement(NUMBER, "import", "98", remarks="two were missing")
        body["lines"][0]["dead"] = "3"
        status, imported = await post(session, french, "FR:CUSTOMS", "endorsements", **body)
        assert status == 201, imported
        status, answer = await post(
            session, french, "FR:CUSTOMS", "endorsements", **endorsement(NUMBER, "export", "1")
        )
        assert (status, answer["findings"][0]["rule"]) == (422, "endorsement.not-yours")

        status, answer = await post(
            session, swiss, "CH:MA", "status",
            issuer="CH", number="26/CH/0418-A", status="cancelled", reason="applicant withdrew",
        )  # fmt: skip
        assert status == 201, answer

        book = await until(lambda: agreed(2), "both have both endorsements")
        line_a = book["balances"][0]
        assert (line_a["exported"], line_a["imported"], line_a["dead"]) == ("100", "98", "3")
        assert line_a["left"] == "150"
        assert book["status"] == "partly-used"
        assert [each["by"] for each in book["notices"]] == ["CH:CUSTOMS", "FR:CUSTOMS"]
        cancelled = await until(lambda: agreed(1, "26/CH/0418-A"), "France knows of the cancellation")
        assert cancelled["status"] == "cancelled"
        status, answer = await post(
            session, french, "FR:CUSTOMS", "endorsements", **endorsement("26/CH/0418-A", "import", "1")
        )
        assert (status, answer["findings"][0]["rule"]) == (422, "endorsement.not-usable")
        assert await ledger(german) is None  # it concerns Switzerland and France alone
        assert await reported(swiss, "CH:MA", "export") == [("LPS", "100")]  # 250 were permitted
        assert await reported(french, "FR:MA", "import") == [("LPS", "98")]


async def reported(node: DemoNode, authority: str, side: str) -> list[tuple[str, str]]:
    """Term and quantity of each row of the annual report of this year."""
    answer = await ecites(
        "report", "annual", "--year", clock.now().year, "--authority", authority, "--side", side,
        "--config", node.config,
    )  # fmt: skip
    return [(row["TermCode"], row["Quantity"]) for row in answer["rows"]]


@dataclass(frozen=True, slots=True)
class Front:
    """The doors of one gateway: one process on SQLite, or two that share a PostgreSQL."""

    doors: Sequence[DemoNode]


@pytest.fixture(params=["sqlite", "postgresql"])
def front(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Front]:
    """A Swiss gateway of each kind, not yet started."""
    if request.param == "sqlite":
        made = Front([make_network(tmp_path, ["CH"], extra=QUICK)["CH"]])
        drop = None
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        name = f"customs_{secrets.token_hex(8)}"
        asyncio.run(server.run(f"CREATE DATABASE {name}"))
        first = make_network(tmp_path, ["CH"], extra=QUICK, databases={"CH": server.url(name)})["CH"]
        (tmp_path / "second").mkdir()
        port = free_port()
        second = replace(
            first, folder=tmp_path / "second", port=port, environment={"ECITES_WEB__PORT": str(port)}
        )
        made = Front([first, second])
        drop = server.run(f"DROP DATABASE {name} WITH (FORCE)")
    try:
        yield made
    finally:
        for node in made.doors:
            node.kill()
        if drop is not None:
            asyncio.run(drop)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """As many connections as there are offices."""
    connector = aiohttp.TCPConnector(limit=OFFICES)
    async with aiohttp.ClientSession(connector=connector) as opened:
        yield opened


async def test_two_hundred_offices_at_once_never_exceed_the_quantity(
    front: Front, session: aiohttp.ClientSession
) -> None:
    """
    All write off the same line in the same instant, and ask again when the gateway says "not now".

    Of line B halves, so that the first three decide; of line A pieces of forty. Exactly as many are told that
    it is done as there is room for, the others that nothing is left; the ledger says the same.
    """
    await start(session, *front.doors)
    lines = (line("A", quantity=str(ALLOWED)), line("B", quantity=str(ALLOWED)))
    document = encode(permit(NUMBER, at=clock.now(), lines=lines, **SEVERAL))
    status, answer = await Client(session, front.doors[0], "CH:MA").submit(document)
    assert status == 202, answer
    done = await written_off(session, front, "B", "20", offices=50)
    done |= await written_off(session, front, "A", "1", offices=OFFICES)
    for door in front.doors:
        status, book = await post(session, door, "CH:MA", "ledger", issuer="CH", number=NUMBER)
        assert status == 200
        assert {each["id"] for each in book["notices"]} == done
        assert [(each["exported"], each["left"]) for each in book["balances"]] == [(str(ALLOWED), "0")] * 2
        assert book["status"] == "used"


async def written_off(
    session: aiohttp.ClientSession, front: Front, letter: str, quantity: str, *, offices: int
) -> set[str]:
    """So many offices write off a line at once; the ids of what was accepted, which is all that fits."""
    ready = asyncio.Barrier(offices)

    async def office(number: int) -> tuple[int, str]:
        """One customs office; it comes back with the same key until it gets an answer."""
        key = f"office-{letter}-{number}"
        body = endorsement(NUMBER, "export", quantity, customs_document=key)
        body["lines"][0]["line"] = letter
        door = front.doors[number % len(front.doors)]
        await ready.wait()
        while True:
            status, answer = await post(session, door, "CH:CUSTOMS", "endorsements", key=key, **body)
            if status in (429, 503):
                await asyncio.sleep(0.05 + number / 2000)
                continue
            rules = [finding["rule"] for finding in answer.get("findings", ())]
            return status, rules[0] if rules else answer["id"]

    async with asyncio.timeout(4 * PATIENCE):
        found = await asyncio.gather(*(office(number) for number in range(offices)))
    done = {told for status, told in found if status in (200, 201)}
    refused = Counter(told for status, told in found if status == 422)
    assert len(done) == ALLOWED / Decimal(quantity), Counter(status for status, _ in found)
    assert refused == {"endorsement.more-than-left": offices - len(done)}
    return done
