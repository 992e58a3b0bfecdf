"""kill -9 at the two instants that matter most, with real processes."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.waiting import until

from gateway import clock
from gateway.cli.demonstration import permits
from gateway.cli.demonstration.client import Client
from gateway.cli.demonstration.network import DemoNode
from gateway.exchange import receipts
from gateway.exchange.receipts import Outcome
from gateway.signatures.keys import load_certificates
from gateway.signatures.verify import verify
from gateway.xmlio.parse import parse

pytestmark = pytest.mark.e2e

NUMBER = "CH-2026-000123"
STOPPING = Path(__file__).parent / "stopping.py"


def start_stopping(node: DemoNode, place: str, marker: Path) -> None:
    """Start a gateway that stops at one place."""
    with node.log_file.open("ab") as log:
        node.process = subprocess.Popen(  # noqa: S603 - our own script with our own files
            [sys.executable, str(STOPPING), place, str(marker), str(node.config)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


async def submit(client: Client) -> str:
    """Hand the permit over; returns the id of the submission."""
    status, answer = await client.submit(permits.make_permit(NUMBER, permits.LEATHER, clock.now()))
    assert status == 202, answer
    return str(answer["id"])


async def delivery_to_france(client: Client, submission: str) -> dict[str, Any]:
    """The state of the delivery that goes to the partner."""
    followed = await client.follow(submission)
    return next(each for each in followed["deliveries"] if each["partner"])


async def settle(client: Client, submission: str) -> dict[str, Any]:
    """Wait until the delivery has come to its end."""

    async def done() -> dict[str, Any] | None:
        delivery = await delivery_to_france(client, submission)
        return delivery if delivery["state"] not in ("queued", "sending") else None

    settled: dict[str, Any] = await until(done, "the delivery is settled")
    return settled


async def assert_there_once(network: dict[str, DemoNode], session: aiohttp.ClientSession) -> None:
    """Each consumer has the permit exactly once."""
    for party, authority in (("FR", "FR:MA"), ("FR", "FR:CUSTOMS"), ("CH", "CH:CUSTOMS")):
        items = await Client(session, network[party], authority).inbox()
        assert [item["number"] for item in items] == [NUMBER], authority


async def assert_receipt(network: dict[str, DemoNode], client: Client, delivery: dict[str, Any]) -> None:
    """The sender holds a receipt that France signed."""
    receipt = await client.receipt(delivery["id"])
    assert receipt is not None
    trusted = load_certificates(network["FR"].folder / "public" / "gateway.crt.pem")
    stated = receipts.read(verify(parse(receipt), trusted, at=clock.now()).root)
    assert stated.outcome is Outcome.ACCEPTED
    assert stated.message_id == delivery["message_id"]


async def test_receiver_killed_between_commit_and_answer(
    network: dict[str, DemoNode], tmp_path: Path
) -> None:
    """The receiver dies after it has stored the message and before it answers: once there, receipted."""
    swiss, french = network["CH"], network["FR"]
    marker = tmp_path / "reached"
    start_stopping(french, "before-receipt", marker)
    swiss.start()
    async with aiohttp.ClientSession() as session:
        await french.ready(session)
        await swiss.ready(session)
        client = Client(session, swiss, "CH:MA")
        submission = await submit(client)
        await until(marker.exists, "the message is committed")
        french.kill()
        assert (await delivery_to_france(client, submission))["state"] in ("queued", "sending")
        french.start()
        await french.ready(session)
        delivery = await settle(client, submission)
        assert delivery["state"] == "delivered"
        assert delivery["attempts"] >= 2
        await assert_there_once(network, session)
        await assert_receipt(network, client, delivery)


async def test_sender_killed_between_sending_and_settling(
    network: dict[str, DemoNode], tmp_path: Path
) -> None:
    """The sender dies with the answer in its hand and nothing written: sent again, once there, receipted."""
    swiss, french = network["CH"], network["FR"]
    marker = tmp_path / "reached"
    start_stopping(swiss, "before-settling", marker)
    french.start()
    async with aiohttp.ClientSession() as session:
        await french.ready(session)
        await swiss.ready(session)
        client = Client(session, swiss, "CH:MA")
        submission = await submit(client)
        await until(marker.exists, "the partner has answered")
        swiss.kill()
        swiss.start()
        await swiss.ready(session)
        assert (await delivery_to_france(client, submission))["state"] == "sending"
        delivery = await settle(client, submission)
        assert delivery["state"] == "delivered"
        await assert_there_once(network, session)
        await assert_receipt(network, client, delivery)
