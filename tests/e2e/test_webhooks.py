"""Two real gateways and the example receiver of the documents: what happens reaches a national system."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.commands import ecites
from support.permits import permit_bytes
from support.receiver import Receiver
from support.waiting import until

from gateway import clock
from gateway.cli.demonstration.client import Client
from gateway.cli.demonstration.network import DemoNode

pytestmark = pytest.mark.e2e

HOOK = "webhook:customs"
PATIENT = """
[breaker]
first_pause_seconds = 0.2
longest_pause_seconds = 0.5
"""


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    """The system of French customs; it has a port, and is not running."""
    folder = tmp_path / "receiver"
    folder.mkdir()
    made = Receiver(folder, "")
    made.start()
    made.kill()
    yield made
    made.kill()


@pytest.fixture
async def both(
    network: dict[str, DemoNode], receiver: Receiver, session: aiohttp.ClientSession
) -> tuple[DemoNode, DemoNode]:
    """Switzerland and France running; France has a webhook for its customs."""
    swiss, french = network["CH"], network["FR"]
    made = await ecites(
        "webhook",
        "new",
        "customs",
        "--authority",
        "FR:CUSTOMS",
        "--url",
        receiver.url,
        "--config",
        french.config,
    )
    with french.config.open("a", encoding="utf-8") as config:
        config.write(f"\n{made['table']}\n{PATIENT}")
    receiver.secret = made["secret"]
    for node in (swiss, french):
        node.start()
        await node.ready(session)
    return swiss, french


async def submit(session: aiohttp.ClientSession, swiss: DemoNode, number: str) -> None:
    """A permit of Switzerland for France."""
    permit = permit_bytes(number, exporter="CH", importer="FR", at=clock.now())
    status, answer = await Client(session, swiss, "CH:MA").submit(permit)
    assert status == 202, answer


async def deliveries(french: DemoNode) -> list[dict[str, Any]]:
    """Those to the webhook."""
    found = await ecites("delivery", "list", "--partner", HOOK, "--config", french.config)
    return list(found["deliveries"])


async def called(
    session: aiohttp.ClientSession, node: DemoNode, authority: str, path: str, body: dict[str, Any]
) -> Any:
    """POST as an authority."""
    headers = {"Authorization": f"Bearer {node.tokens[authority]}"}
    async with session.post(f"{node.url}{path}", json=body, headers=headers) as answer:
        assert answer.status in (200, 201), await answer.text()
        return await answer.json()


async def told(receiver: Receiver, count: int) -> list[dict[str, Any]]:
    """What the receiver has stored, once it is so many."""

    async def there() -> list[bytes] | None:
        found = list(receiver.events().values())
        return found if len(found) >= count else None

    bodies = await until(there, f"{count} events are there")
    return sorted((json.loads(body) for body in bodies), key=lambda event: str(event["time"]))


async def test_the_life_of_a_permit_is_told(
    both: tuple[DemoNode, DemoNode], receiver: Receiver, session: aiohttp.ClientSession
) -> None:
    """It arrives, Swiss customs write it off, Switzerland suspends it; the feed tells the same."""
    swiss, french = both
    receiver.start()
    await submit(session, swiss, "CH-1")
    (arrived,) = await told(receiver, 1)
    assert (arrived["type"], arrived["data"]["by"]) == ("permit.arrived", "CH:MA")
    about = {"issuer": "CH", "number": "CH-1"}
    use = {"side": "export", "on": f"{clock.now():%Y-%m-%d}", "office": "CH002571"}
    lines = [{"line": "A", "quantity": "30"}]
    await called(
        session, swiss, "CH:CUSTOMS", "/api/v1/permits/endorsements", {**about, **use, "lines": lines}
    )
    _, endorsed = await told(receiver, 2)
    assert (endorsed["type"], endorsed["data"]["by"]) == ("permit.endorsed", "CH:CUSTOMS")
    assert endorsed["data"]["permit"]["balances"][0]["left"] == "10"
    change = {**about, "status": "suspended", "reason": "a test"}
    await called(session, swiss, "CH:MA", "/api/v1/permits/status", change)
    changed = (await told(receiver, 3))[2]
    assert (changed["type"], changed["data"]["permit"]["status"]) == ("permit.status-changed", "suspended")
    headers = {"Authorization": f"Bearer {french.tokens['FR:CUSTOMS']}"}
    async with session.get(f"{french.url}/api/v1/events", headers=headers) as answer:
        feed = (await answer.json())["events"]
    assert [event["id"] for event in feed] == [arrived["id"], endorsed["id"], changed["id"]]
    (row,) = (await ecites("webhook", "list", "--config", french.config))["webhooks"]
    assert (row["name"], row["health"]["breaker"]) == ("customs", "closed")
    tried = await ecites("webhook", "test", "customs", "--config", french.config)
    assert json.loads(receiver.events()[tried["id"]])["type"] == "webhook.test"


async def test_a_receiver_that_dies_gets_each_event_once(
    both: tuple[DemoNode, DemoNode], receiver: Receiver, session: aiohttp.ClientSession
) -> None:
    """
    Killed after storing and before answering, then away, then back: every event is there, once.

    Partners are not held up meanwhile, and neither is anybody in France.
    """
    swiss, french = both
    receiver.start(dies_before_answering=True)
    await submit(session, swiss, "CH-1")
    await asyncio.to_thread(receiver.ended)
    assert len(receiver.events()) == 1
    for number in ("CH-2", "CH-3"):
        await submit(session, swiss, number)

    async def arrived() -> bool:
        return len(await Client(session, french, "FR:MA").inbox()) == 3

    await until(arrived, "the permits are in the inbox")
    assert {each["state"] for each in await deliveries(french)} <= {"queued", "sending"}
    receiver.start()

    async def done() -> bool:
        return [each["state"] for each in await deliveries(french)] == ["delivered"] * 3

    await until(done, "all are delivered")
    events = [json.loads(body) for body in receiver.events().values()]
    assert sorted(event["data"]["number"] for event in events) == ["CH-1", "CH-2", "CH-3"]
    assert max(each["attempts"] for each in await deliveries(french)) >= 2


async def test_a_wrong_secret_is_told_and_mended(
    both: tuple[DemoNode, DemoNode], receiver: Receiver, session: aiohttp.ClientSession
) -> None:
    """The receiver refuses; the operator puts the right one into the file, and the event goes."""
    swiss, french = both
    mine, receiver.secret = receiver.secret, f"whsec_{'A' * 43}="
    receiver.start()
    await submit(session, swiss, "CH-1")

    async def refused() -> bool:
        return any("HTTP 401" in each["error"] for each in await deliveries(french))

    await until(refused, "the receiver has refused it")
    assert receiver.events() == {}
    (file,) = (french.folder / "keys").glob("webhook-customs-*.secret")
    assert file.read_text(encoding="ascii").strip() == mine
    file.write_text(receiver.secret, encoding="ascii")
    (arrived,) = await told(receiver, 1)
    assert arrived["data"]["number"] == "CH-1"
