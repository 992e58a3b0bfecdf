"""The proxy of docs/operations.md: a real nginx with the documented lines, before a real gateway."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from support.commands import ecites
from support.keys import pem_of
from support.nginx import documented, put, running_nginx
from support.requirements import program
from support.tls import EXPIRED, Identity, caller, identity
from yarl import URL

from gateway import clock
from gateway.cli.demonstration.client import Client
from gateway.cli.demonstration.network import DemoNode, free_port, introduce, make_network
from gateway.cli.demonstration.permits import LEATHER, make_permit
from gateway.config import load
from gateway.config.partner_files import read_partner_file, write_partner
from gateway.flows.probe import prepare
from gateway.loading.beliefs import Beliefs
from gateway.loading.database import open_database
from gateway.loading.node import make_node
from gateway.transport.rest import RestCourier

pytestmark = pytest.mark.e2e

DOOR = "/exchange/v1/messages"
PATIENCE = 60.0
XML = {"Content-Type": "application/xml"}


@dataclass(frozen=True, slots=True)
class Proxied:
    """The gateway of France behind nginx, and that of Switzerland, which knows it there."""

    swiss: DemoNode
    french: DemoNode
    secret: str
    port: int
    """Of nginx."""
    nginx: Identity
    """What nginx shows."""
    ch: Identity
    """What Switzerland shows, and has registered."""
    old: Identity
    """Registered for Switzerland too, but its time is over."""
    issued: Identity
    """Registered for Switzerland too, and issued by somebody whom nobody knows."""

    async def post(
        self,
        data: bytes,
        shows: Identity | None = None,
        *,
        past: bool = False,
        path: str = DOOR,
        **headers: str,
    ) -> tuple[int, str]:
        """Send to the door for partners, through nginx or past it; the status, and the code of a refusal."""
        url = URL(f"{self.french.url if past else https(self.port)}{path}", encoded=True)
        tls: ssl.SSLContext | bool = True if past else caller(shows, self.nginx)
        named = XML | {name.replace("_", "-"): value for name, value in headers.items()}
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=data, headers=named, ssl=tls) as answer,
        ):
            if answer.content_type != "application/problem+json":
                return answer.status, ""
            return answer.status, (await answer.json(content_type=None))["code"]

    async def refusals(self) -> list[dict[str, Any]]:
        """What the message log of France keeps of refusals, oldest first."""
        answer = await ecites("log", "search", "--kind", "refused", "--config", self.french.config)
        return list(reversed(answer["entries"]))


def https(port: int) -> str:
    """An address of this machine."""
    return f"https://127.0.0.1:{port}"


def follow_the_document(french: DemoNode) -> str:
    """Make the secret and set up the gateway in the words of the document; returns the secret."""
    program("openssl")
    steps = ["sh", "-e", "-c", documented("sh")]
    subprocess.run(steps, cwd=french.folder, check=True)  # noqa: S603 - our own document
    place = f'[web]\nhost = "127.0.0.1"\nport = {french.port}\n'
    text = french.config.read_text(encoding="utf-8")
    assert place in text
    told = put(documented("toml"), {"[web]\n": place})
    french.config.write_text(text.replace(place, told), encoding="utf-8")
    return (french.folder / "keys" / "proxy.secret").read_text(encoding="utf-8").strip()


def register(node: DemoNode, other: DemoNode, url: str, *tls: Identity) -> None:
    """Tell a node where another one is by now, and what it shows."""
    file = other.folder / "public" / f"{other.name.lower()}.partner.toml"
    told = replace(
        read_partner_file(file),
        url=f"{url}{DOOR}",
        tls_certificates=tuple(each.files.certificate for each in tls),
    )
    file.write_text(write_partner(told), encoding="utf-8")
    introduce(node, other, replacing=True)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Proxied]:
    """Everything set up, and nothing started yet."""
    program("nginx")
    nodes = make_network(tmp_path, ["CH", "FR"])
    swiss, french, port = nodes["CH"], nodes["FR"], free_port()
    ch, nginx = identity(tmp_path, "ch-tls"), identity(tmp_path, "nginx-tls")
    old = identity(tmp_path, "ch-old-tls", ends=EXPIRED)
    issued = identity(tmp_path, "ch-issued-tls", issuer=identity(tmp_path, "issuer", authority=True))
    with swiss.config.open("a", encoding="utf-8") as config:
        config.write(f'\n[transport]\ncertificate = "{ch.files.certificate}"\nkey = "{ch.files.key}"\n')
    register(swiss, french, https(port), nginx)
    register(french, swiss, swiss.url, ch, old, issued)
    try:
        yield Proxied(swiss, french, follow_the_document(french), port, nginx, ch, old, issued)
    finally:
        swiss.kill()
        french.kill()


@pytest.fixture
async def proxied(made: Proxied, tmp_path: Path) -> AsyncIterator[Proxied]:
    """Everything running but the gateway of Switzerland."""
    there = running_nginx(tmp_path / "nginx", made.port, made.french.port, made.secret, made.nginx.files)
    async with there, aiohttp.ClientSession() as session:
        made.french.start()
        await made.french.ready(session)
        yield made


async def envelope(node: DemoNode) -> bytes:
    """A test message that the gateway of a node has signed, as it would send it to France."""
    settings = load(node.config)
    beliefs = Beliefs.load(settings, clock.now())
    database = await open_database(settings)
    try:
        made = make_node(settings, beliefs, database, lambda: None)
        probing = prepare(made.directory.partners["fr"], made, RestCourier(settings.transport))
        return probing.message().envelope
    finally:
        await database.close()


async def settled(client: Client, submission: str) -> str:
    """Wait until the delivery to France has come to its end; its state."""
    async with asyncio.timeout(PATIENCE):
        while True:
            deliveries = (await client.follow(submission))["deliveries"]
            (state,) = [str(each["state"]) for each in deliveries if each["partner"] == "fr"]
            if state not in ("queued", "sending"):
                return state
            await asyncio.sleep(0.05)


async def test_a_permit_travels_through_the_proxy(proxied: Proxied) -> None:
    """Switzerland shows its certificate to nginx, France sees it, and the permit is delivered."""
    await ecites("partner", "test", "fr", "--thorough", "--config", proxied.swiss.config)
    proxied.swiss.start()
    async with aiohttp.ClientSession() as session:
        await proxied.swiss.ready(session)
        client = Client(session, proxied.swiss, "CH:MA")
        status, answer = await client.submit(make_permit("CH-2026-000123", LEATHER, clock.now()))
        assert status == 202, answer
        assert await settled(client, answer["id"]) == "delivered"


async def test_nginx_shows_who_calls(proxied: Proxied, tmp_path: Path) -> None:
    """The same good envelope: taken from Switzerland, refused from a stranger and from nobody."""
    data = await envelope(proxied.swiss)
    assert await proxied.post(data, None) == (403, "identity_mismatch")
    assert await proxied.post(data, identity(tmp_path, "stranger")) == (403, "identity_mismatch")
    nobody, stranger = [entry["detail"] for entry in await proxied.refusals()]
    assert "shows no TLS certificate" in nobody
    assert "belongs to nobody who is registered here" in stranger
    assert await proxied.post(data, proxied.ch) == (200, "")


async def test_a_header_forged_past_nginx(proxied: Proxied) -> None:
    """Who reaches the gateway itself and writes the header is refused without the secret, and logged."""
    data, forged = await envelope(proxied.swiss), {"X_Client_Certificate": escaped(proxied.ch)}
    assert await proxied.post(data, past=True, **forged) == (403, "forbidden")
    guess = {"X_Proxy_Secret": "0" * len(proxied.secret)}
    assert await proxied.post(data, past=True, **forged, **guess) == (403, "forbidden")
    assert [entry["outcome"] for entry in await proxied.refusals()] == ["forbidden", "forbidden"]
    right = {"X_Proxy_Secret": proxied.secret}
    assert await proxied.post(data, past=True, **forged, **right) == (200, "")


async def test_headers_forged_before_nginx(proxied: Proxied, tmp_path: Path) -> None:
    """The proxy overwrites what a caller writes: even with the secret, only what it shows counts."""
    data = await envelope(proxied.swiss)
    forged = {"X_Client_Certificate": escaped(proxied.ch), "X_Proxy_Secret": proxied.secret}
    assert await proxied.post(data, None, **forged) == (403, "identity_mismatch")
    assert await proxied.post(data, identity(tmp_path, "stranger"), **forged) == (403, "identity_mismatch")
    for path in ("/%65xchange/v1/messages", "//exchange/v1/messages", "/x/../exchange/v1/messages"):
        status, _ = await proxied.post(data, None, path=path, **forged)
        assert status in {403, 404}, path
    assert await proxied.post(data, proxied.ch, **forged) == (200, "")


async def test_what_nginx_makes_of_certificates(proxied: Proxied) -> None:
    """One whose issuer nginx does not know is passed on; one that has ended is not, and we see no request."""
    data = await envelope(proxied.swiss)
    assert await proxied.post(data, proxied.old) == (400, "")
    assert await proxied.refusals() == []
    assert await proxied.post(data, proxied.issued) == (200, "")


def escaped(shown: Identity) -> str:
    """PEM in URL encoding, as nginx writes it."""
    return quote(pem_of(shown.certificate).decode())
