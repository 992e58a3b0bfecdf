"""Two real gateways of which one only calls out: France is the hub, Switzerland has a mailbox there."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.commands import ecites
from support.permits import permit_bytes
from support.waiting import until

from gateway import clock
from gateway.cli.demonstration.client import Client
from gateway.cli.demonstration.network import DemoNode

pytestmark = pytest.mark.e2e

STOPPING = Path(__file__).parent / "stopping.py"
SHORT = 10.0
"""Seconds in which a hub must have ended although somebody waits at a mailbox; a wait may take 30."""


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def both(network: dict[str, DemoNode]) -> tuple[DemoNode, DemoNode]:
    """Switzerland and France, not yet started; France does not know where Switzerland is."""
    swiss, french = network["CH"], network["FR"]
    known = french.folder / "partners.d" / "ch.toml"
    url = f'url = "{swiss.url}/exchange/v1/messages"'
    text = known.read_text(encoding="utf-8")
    assert url in text
    known.write_text(text.replace(url, "mailbox = true"), encoding="utf-8")
    made = await ecites("token", "new", "--partner", "ch", "--config", french.config)
    token = swiss.folder / "keys" / "fr.token"
    token.touch(mode=0o600)
    token.write_text(f"{made['token']}\n", encoding="ascii")
    known = swiss.folder / "partners.d" / "fr.toml"
    box = f'mailbox_url = "{french.url}/exchange/v1/mailbox"\nmailbox_token_file = "{token}"'
    text = known.read_text(encoding="utf-8")
    known.write_text(text.replace("[[partner]]", f"[[partner]]\n{box}", 1), encoding="utf-8")
    return swiss, french


async def submit(session: aiohttp.ClientSession, node: DemoNode, number: str, importer: str) -> str:
    """A permit of the gateway's own authority; returns the id of the submission."""
    permit = permit_bytes(number, exporter=node.name, importer=importer, at=clock.now())
    status, answer = await Client(session, node, f"{node.name}:MA").submit(permit)
    assert status == 202, answer
    return str(answer["id"])


async def delivery(session: aiohttp.ClientSession, node: DemoNode, submission: str) -> dict[str, Any]:
    """The delivery to the partner, as it stands."""
    followed = await Client(session, node, f"{node.name}:MA").follow(submission)
    found: dict[str, Any] = next(each for each in followed["deliveries"] if each["partner"])
    return found


async def settled(session: aiohttp.ClientSession, node: DemoNode, submission: str) -> dict[str, Any]:
    """The delivery to the partner, once it has come to its end."""

    async def done() -> dict[str, Any] | None:
        found = await delivery(session, node, submission)
        return found if found["state"] not in ("queued", "sending", "waiting") else None

    result: dict[str, Any] = await until(done, "the delivery is settled")
    return result


async def numbers(session: aiohttp.ClientSession, node: DemoNode, authority: str) -> list[str]:
    """The permits in an inbox."""
    return [item["number"] for item in await Client(session, node, authority).inbox()]


async def test_a_permit_travels_both_ways(
    both: tuple[DemoNode, DemoNode], session: aiohttp.ClientSession
) -> None:
    """What is for Switzerland waits until it calls; what Switzerland sends goes the ordinary way."""
    swiss, french = both
    french.start()
    await french.ready(session)
    early = await submit(session, french, "FR-1", "CH")
    waiting = await delivery(session, french, early)
    assert (waiting["state"], waiting["attempts"]) == ("waiting", 0)
    assert waiting["waits_since"]
    swiss.start()
    await swiss.ready(session)
    assert (await settled(session, french, early))["state"] == "delivered"
    late = await submit(session, french, "FR-2", "CH")
    there = await submit(session, swiss, "CH-1", "FR")
    done = await settled(session, french, late)
    assert done["state"] == "delivered"
    assert [each["outcome"] for each in done["history"]] == ["delivered"]
    assert (await settled(session, swiss, there))["state"] == "delivered"
    for authority in ("CH:MA", "CH:CUSTOMS"):
        mine = await numbers(session, swiss, authority)
        assert [number for number in mine if number.startswith("FR")] == ["FR-1", "FR-2"]
    assert "CH-1" in await numbers(session, french, "FR:MA")
    receipt = await Client(session, french, "FR:MA").receipt(done["id"])
    assert receipt is not None
    assert b">accepted<" in receipt
    looks = await ecites(
        "log",
        "search",
        "--kind",
        "fetched",
        "--partner",
        "ch",
        "--outcome",
        "fetched",
        "--config",
        french.config,
    )
    assert len(looks["entries"]) == 2


async def test_power_fails_before_the_acknowledgement(
    both: tuple[DemoNode, DemoNode], session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """Kill -9 with the permit on disk and its receipt not handed over: it comes again, and is there once."""
    swiss, french = both
    french.start()
    await french.ready(session)
    submission = await submit(session, french, "FR-1", "CH")
    marker = tmp_path / "reached"
    with swiss.log_file.open("ab") as log:
        swiss.process = subprocess.Popen(  # noqa: ASYNC220, S603 - our own script with our own files
            [sys.executable, str(STOPPING), "before-acknowledging", str(marker), str(swiss.config)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )

    async def reached() -> bool:
        return marker.exists()

    await until(reached, "the message is received")
    swiss.kill()
    assert (await delivery(session, french, submission))["state"] == "waiting"
    swiss.start()
    await swiss.ready(session)
    assert (await settled(session, french, submission))["state"] == "delivered"
    assert await numbers(session, swiss, "CH:MA") == ["FR-1"]
    kinds = (await ecites("log", "search", "--partner", "fr", "--config", swiss.config))["entries"]
    assert [each["kind"] for each in kinds if each["kind"] in ("received", "repeated")] == [
        "repeated",
        "received",
    ]


async def test_a_caller_that_waits_does_not_hold_up_the_end(
    both: tuple[DemoNode, DemoNode], session: aiohttp.ClientSession
) -> None:
    """The hub is stopped in order while Switzerland waits at its mailbox, and so is Switzerland."""
    swiss, french = both
    for node in both:
        node.start()
        await node.ready(session)

    async def looked() -> list[Any]:
        found = await ecites("log", "search", "--outcome", "listed", "--config", french.config)
        return list(found["entries"])

    submission = await submit(session, french, "FR-1", "CH")
    await settled(session, french, submission)
    assert await looked()
    for node in (french, swiss):
        assert node.process is not None
        node.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(node.process.wait, SHORT) == 0
        node.process = None
