"""`ecites serve` as a real process: how it starts, what it says, how it ends, and what is there after."""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID
from support.keys import pem_of, private_key
from support.waiting import PATIENCE, start, until

from gateway import clock
from gateway.cli.demonstration import permits
from gateway.cli.demonstration.client import Client
from gateway.cli.demonstration.network import DemoNode, introduce, make_network

pytestmark = pytest.mark.e2e

NUMBER = "CH/2026/000123"
SHORT = 10.0
"""Seconds in which a process must have ended; far less than the 30 s that a partner has by default."""

HURRIED = """
[delivery]
first_pause_seconds = 0.2
longest_pause_seconds = 0.5

[transport]
answer_seconds = 1.0

[worker]
lease_seconds = 2.0
poll_seconds = 0.5
"""


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def end(node: DemoNode, how: signal.Signals = signal.SIGTERM) -> int:
    """Send a signal; the exit code, or a failure when the process stays."""
    process = node.process
    assert process is not None
    process.send_signal(how)
    code = await asyncio.to_thread(process.wait, SHORT)
    node.process = None
    return code


async def submit(client: Client, number: str = NUMBER) -> str:
    """Hand a permit over; returns the id of the submission."""
    status, answer = await client.submit(permits.make_permit(number, permits.LEATHER, clock.now()))
    assert status == 202, answer
    return str(answer["id"])


async def settled(client: Client, submission: str) -> dict[str, Any]:
    """Wait until the delivery to the partner has come to its end."""

    async def done() -> dict[str, Any] | None:
        followed = await client.follow(submission)
        delivery: dict[str, Any] = next(each for each in followed["deliveries"] if each["partner"])
        return delivery if delivery["state"] not in ("queued", "sending") else None

    result: dict[str, Any] = await until(done, "the delivery is settled")
    return result


async def inboxes(session: aiohttp.ClientSession, network: dict[str, DemoNode]) -> dict[str, list[Any]]:
    """What waits for each authority."""
    consumers = (("FR", "FR:MA"), ("FR", "FR:CUSTOMS"), ("CH", "CH:CUSTOMS"))
    return {name: await Client(session, network[party], name).inbox() for party, name in consumers}


def log_of(node: DemoNode) -> list[dict[str, Any]]:
    """Every line that the process wrote, each of which must be a JSON object."""
    lines = node.log_file.read_text(encoding="utf-8").splitlines()
    read = [json.loads(line) for line in lines]
    assert all({"level", "timestamp", "event"} <= line.keys() for line in read)
    return read


@asynccontextmanager
async def silent_partner(port: int) -> AsyncIterator[asyncio.Event]:
    """Somebody who takes everything and never answers; the event is set when something has come."""
    came = asyncio.Event()
    serving: set[asyncio.Task[None]] = set()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            await reader.readuntil(b"\r\n\r\n")
            came.set()
            await reader.read()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the gateway has gone, or the test is over
        finally:
            writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", port)
    try:
        yield came
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


@pytest.fixture
def hurried(tmp_path: Path):
    """Two gateways that give a partner one second; killed at the end."""
    nodes = make_network(tmp_path, ["CH", "FR"], extra=HURRIED)
    try:
        yield nodes
    finally:
        for node in nodes.values():
            node.kill()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_in_order(how, network, session):
    """SIGTERM and SIGINT end the process within seconds with code 0, and the log says so."""
    swiss = network["CH"]
    await start(session, swiss)
    assert await end(swiss, how) == 0
    assert [line["event"] for line in log_of(swiss)] == ["found", "serving", "stopping"]


DRAINING = """
[web]
drain_seconds = 600.0
"""


async def test_readiness_goes_before_the_port(network, session):
    """After SIGTERM /readyz says 503 while requests are still taken; a second signal ends that at once."""
    node = network["CH"]
    text = node.config.read_text(encoding="utf-8")
    assert text.count("[web]\n") == 1
    node.config.write_text(text.replace("[web]\n", DRAINING.lstrip()), encoding="utf-8")
    await start(session, node)

    async def ready() -> int:
        async with session.get(f"{node.url}/readyz") as answer:
            return answer.status

    async def leaving() -> bool:
        return await ready() == 503

    assert await ready() == 200
    assert node.process is not None
    node.process.send_signal(signal.SIGTERM)
    await until(leaving, "/readyz says that the gateway stops")
    await submit(Client(session, node, "CH:MA"))
    assert await end(node) == 0
    assert "stopping" in [line["event"] for line in log_of(node)]


async def test_a_hanging_partner_does_not_hold_up_the_end(hurried, session):
    """SIGTERM while a partner is silent: code 0 once that exchange is over and written down."""
    swiss = hurried["CH"]
    async with silent_partner(hurried["FR"].port) as came:
        await start(session, swiss)
        client = Client(session, swiss, "CH:MA")
        submission = await submit(client)
        async with asyncio.timeout(PATIENCE):
            await came.wait()
        assert await end(swiss) == 0
    await start(session, swiss, hurried["FR"])
    delivery = await settled(client, submission)
    assert delivery["state"] == "delivered"
    assert delivery["history"][0]["outcome"] == "partner_unreachable"


@pytest.mark.parametrize("known", [True, False])
async def test_an_open_connection_does_not_hold_up_the_end(known, network, session):
    """A caller who sends half a request and waits does not keep the process alive, answered or not."""
    swiss = network["CH"]
    await start(session, swiss)
    head = "POST /api/v1/permits HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
    if known:
        head += f"Expect: 100-continue\r\nAuthorization: Bearer {swiss.tokens['CH:MA']}\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", swiss.port)
    try:
        writer.write(head.encode() + b"\r\n<half")
        await writer.drain()
        answer = await reader.readline()
        assert answer.startswith(b"HTTP/1.1 100" if known else b"HTTP/1.1 401"), answer
        assert await end(swiss) == 0
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def test_a_port_that_is_taken(network, session):
    """A second process on the same port ends with code 3 and one sentence; the first goes on."""
    swiss = network["CH"]
    await start(session, swiss)
    second = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "gateway", "serve", "--config", str(swiss.config)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert second.returncode == 3
    assert f"error: cannot listen on 127.0.0.1 port {swiss.port}: " in second.stderr
    assert "what to do: " in second.stderr
    assert "Traceback" not in second.stderr
    async with session.get(f"{swiss.url}/healthz") as answer:
        assert answer.status == 200


def write_real_keys(folder: Path, name: str, subject: str, kind: str) -> bytes:
    """
    A key and a certificate as `openssl req -x509` makes them; returns the certificate in PEM.

    That is: no key usage, a CA by its basic constraints, and no mark of development.
    """
    key = private_key(kind)
    public = key.public_key()
    who = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, subject[:2]),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Office of Wildlife"),
            x509.NameAttribute(NameOID.COMMON_NAME, subject),
        ]
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(minutes=1))
        .not_valid_after(clock.now() + timedelta(days=365))
        .add_extension(identifier, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / f"{name}.key.pem").write_bytes(pem_of(key))
    (folder / f"{name}.crt.pem").write_bytes(pem_of(certificate))
    return pem_of(certificate)


@pytest.mark.parametrize(("gateway_kind", "seal_kind"), [("p256", "rsa3072"), ("rsa3072", "p256")])
async def test_production_with_keys_from_elsewhere(gateway_kind, seal_kind, network, session):
    """In production, with keys that `ecites init` did not make, a permit is delivered and valid."""
    for party, node in network.items():
        text = node.config.read_text(encoding="utf-8")
        assert 'environment = "development"' in text
        node.config.write_text(text.replace('"development"', '"production"'), encoding="utf-8")
        for name, kind in (("gateway", gateway_kind), (f"{party.lower()}-ma", seal_kind)):
            certificate = write_real_keys(node.folder / "keys", name, f"{party} {name}", kind)
            place = node.folder / "public" / f"{name}.crt.pem"
            assert place.exists()
            place.write_bytes(certificate)
    for one, other in (("CH", "FR"), ("FR", "CH")):
        await asyncio.to_thread(introduce, network[one], network[other], replacing=True)
    await start(session, *network.values())
    client = Client(session, network["CH"], "CH:MA")
    delivery = await settled(client, await submit(client))
    assert delivery["state"] == "delivered"
    answer = await Client(session, network["FR"], "FR:CUSTOMS").ask("CH", NUMBER)
    assert answer["valid"] is True, answer


async def test_the_log_holds_nothing_personal(network, session):
    """After a whole journey, refusals and wrong tokens, no token and no permit number stands in any log."""
    swiss, french = network["CH"], network["FR"]
    client = Client(session, swiss, "CH:MA")
    customs = Client(session, french, "FR:CUSTOMS")
    wrong = "wrong-token-0123456789"
    await start(session, swiss)
    submission = await submit(client)

    async def failed_once() -> bool:
        followed = await client.follow(submission)
        return any(each["attempts"] for each in followed["deliveries"] if each["partner"])

    await until(failed_once, "the partner was found to be away")
    await start(session, french)
    await settled(client, submission)
    assert (await client.submit(permits.make_permit(NUMBER, permits.CORALS, clock.now())))[0] == 409
    assert (await client.submit(b"<rubbish>" + NUMBER.encode()))[0] >= 400
    assert (await customs.ask("CH", NUMBER))["valid"] is True
    items = await customs.inbox()
    assert NUMBER.encode() in await customs.fetch(items[0]["id"])
    headers = {"Authorization": f"Bearer {wrong}"}
    async with session.get(f"{swiss.url}/api/v1/inbox/{quote(NUMBER, safe='')}", headers=headers) as answer:
        assert answer.status == 401
    async with session.get(f"{swiss.url}/{NUMBER}?token={wrong}") as answer:
        assert answer.status == 404
    for node in (swiss, french):
        assert await end(node) == 0
        assert log_of(node)
        written = node.log_file.read_text(encoding="utf-8")
        secrets = [wrong, *swiss.tokens.values(), *french.tokens.values()]
        for secret in [*secrets, NUMBER, quote(NUMBER, safe=""), json.dumps(NUMBER)]:
            assert secret not in written


async def test_a_restart_keeps_everything(network, session):
    """After both gateways were restarted, submissions, receipts, inboxes and answers are what they were."""
    swiss, french = network["CH"], network["FR"]
    client = Client(session, swiss, "CH:MA")
    customs = Client(session, french, "FR:CUSTOMS")
    await start(session, swiss, french)
    submission = await submit(client)
    delivery = await settled(client, submission)

    async def everything() -> list[Any]:
        item = (await customs.inbox())[0]["id"]
        valid = await customs.ask("CH", NUMBER)
        valid.pop("answered_at")
        return [
            await client.follow(submission),
            await client.receipt(delivery["id"]),
            await inboxes(session, network),
            await customs.fetch(item),
            valid,
        ]

    before = await everything()
    assert [len(items) for items in before[2].values()] == [1, 1, 1]
    assert before[1] is not None
    for node in (swiss, french):
        assert await end(node) == 0
    await start(session, swiss, french)
    assert await everything() == before


async def test_what_is_queued_survives_a_restart(network, session):
    """A permit that was accepted while the partner was away is delivered by the process after the next."""
    swiss, french = network["CH"], network["FR"]
    client = Client(session, swiss, "CH:MA")
    await start(session, swiss)
    submission = await submit(client)
    assert await end(swiss) == 0
    await start(session, swiss, french)
    first, second = (line for line in log_of(swiss) if line["event"] == "found")
    assert (first["queued"], first["leased"], first["lease_ended"]) == (0, 0, 0)
    assert (second["queued"], second["leased"], second["lease_ended"]) == (1, 0, 0)
    assert (await settled(client, submission))["state"] == "delivered"
    assert [len(items) for items in (await inboxes(session, network)).values()] == [1, 1, 1]
