"""The mailbox client against a real server: what it sends, what it gives back, which errors come out."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from support.exchange import FR_MA

from gateway.errors import NotFound, PartnerAnsweredWrongly, PartnerUnreachable
from gateway.exchange.directory import Partner
from gateway.transport.mailbox import HttpMailbox
from gateway.transport.rest import TransportSettings
from gateway.transport.tls import ClientTls

ID = "01a20ab3-b82c-7c83-adcf-fe858ecb6f3b"
HEADER = {
    "message_id": ID,
    "sender": "FR:MA",
    "recipient": "CH:MA",
    "kind": "endorsement",
    "sent_at": "2026-11-23T23:17:59.924274+00:00",
    "size": 7,
    "digest": "ab" * 32,
}
PAGE = {"messages": [HEADER], "next": "01a20ab3-b834-7ec3-9b5f-463ccf7218af"}
PATIENCE = 10.0


@dataclass(slots=True)
class Hub:
    """Answers every request as the test says, and keeps what came."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    silent: bool = False
    here: Partner = field(default_factory=lambda: Partner("fr", "", (FR_MA,)))

    async def answer(self, request: web.Request) -> web.Response:
        """Keep it, and answer."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append((request.method, request.path_qs, headers, await request.read()))
        if self.silent:
            await asyncio.Event().wait()
        return web.Response(status=self.status, body=self.body, headers=self.headers)


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    made = Hub()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", made.answer)
    server = TestServer(application, host="127.0.0.1")
    await server.start_server(shutdown_timeout=0)
    made.here = Partner("fr", "", (FR_MA,), mailbox_url=str(server.make_url("/exchange/v1/mailbox")))
    yield made
    await server.close()


@pytest.fixture
async def client() -> AsyncIterator[HttpMailbox]:
    settings = TransportSettings(answer_seconds=PATIENCE, max_answer_bytes=100_000)
    async with HttpMailbox(settings, ClientTls, lambda name: f"token-of-{name}") as opened:
        yield opened


async def test_headers(client, hub):
    """The question carries the token, the cursor and the wait; of a kind that we do not know we hear too."""
    hub.body = json.dumps(PAGE | {"more": 1}).encode()
    page = await client.headers(hub.here, after="abc", wait=30.0)
    assert page.as_dict() == PAGE
    ((method, path, headers, _),) = hub.requests
    assert method == "GET"
    assert path.startswith("/exchange/v1/mailbox?")
    assert {"limit=50", "wait=30", "after=abc"} == set(path.partition("?")[2].split("&"))
    assert headers["authorization"] == "Bearer token-of-fr"


async def test_fetch_and_acknowledge(client, hub):
    """The message by its id, byte for byte; the receipt to the address below it."""
    hub.body = b"<envelope>\r\n\x00\xff</envelope>"
    assert await client.fetch(hub.here, ID) == hub.body
    await client.acknowledge(hub.here, ID, b"<receipt>\xff")
    (fetched, acknowledged) = hub.requests
    assert fetched[:2] == ("GET", f"/exchange/v1/mailbox/{ID}")
    assert acknowledged[:2] == ("POST", f"/exchange/v1/mailbox/{ID}/receipt")
    assert acknowledged[2]["content-type"] == "application/xml"
    assert acknowledged[3] == b"<receipt>\xff"


@pytest.mark.parametrize("status", [204, 301, 400, 401, 403, 404, 409, 422, 429, 500, 503])
async def test_any_other_status(status, client, hub):
    """The hub's own words are passed on; a redirect is not followed, so the token goes nowhere else."""
    hub.status, hub.body = status, b"" if status == 204 else b'{"code": "forbidden", "detail": "no mailbox"}'
    hub.headers = {"Location": "/elsewhere"} if status == 301 else {}
    for asked in (client.headers(hub.here, after="", wait=0), client.acknowledge(hub.here, ID, b"<a/>")):
        with pytest.raises(PartnerAnsweredWrongly, match=f"HTTP {status}") as refused:
            await asked
        assert status == 204 or "forbidden no mailbox" in refused.value.message
        assert refused.value.advice
    assert len(hub.requests) == 2


async def test_gone(client, hub):
    """404 for one message says that it is there no more; any other status is trouble."""
    hub.status = 404
    with pytest.raises(NotFound):
        await client.fetch(hub.here, ID)
    hub.status = 403
    with pytest.raises(PartnerAnsweredWrongly):
        await client.fetch(hub.here, ID)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"<html>",
        b"\xff",
        b"[1]",
        b"null",
        b"7",
        b"[" * 50_000,
        b"{}",
        b'{"messages": 7, "next": ""}',
        b'{"messages": [7], "next": ""}',
        json.dumps({"messages": [HEADER]}).encode(),
        *(
            json.dumps({"messages": [HEADER | {name: value}], "next": "a"}).encode()
            for name, value in (
                ("message_id", "../../../../api/v1/permits"),
                ("message_id", ID + "/receipt"),
                ("message_id", f"{ID}\n"),
                ("message_id", 7),
                ("sent_at", "yesterday"),
                ("size", "large"),
                ("size", None),
            )
        ),
        json.dumps(PAGE | {"next": "a&b"}).encode(),
        json.dumps(PAGE | {"next": "a" * 65}).encode(),
    ],
    ids=lambda said: repr(said[:50]),
)
async def test_what_is_no_page(said, client, hub):
    """Whatever a hub answers, one of our errors comes out; an id never leads to another address."""
    hub.body = said
    with pytest.raises(PartnerAnsweredWrongly):
        await client.headers(hub.here, after="", wait=0)


async def test_an_endless_answer(client, hub):
    """Neither a page nor a message fills our memory."""
    hub.body = b"x" * 100_001
    with pytest.raises(PartnerAnsweredWrongly, match="more than 100,000 bytes"):
        await client.headers(hub.here, after="", wait=0)
    assert await client.fetch(hub.here, ID) == hub.body
    hub.body = b"x" * (5 * 1024 * 1024 + 1)
    with pytest.raises(PartnerAnsweredWrongly, match="more than"):
        await client.fetch(hub.here, ID)


async def test_silence(hub):
    """The wait is added to the time that an answer may take, and then it is over."""
    hub.silent = True
    async with HttpMailbox(TransportSettings(answer_seconds=0.1), ClientTls, lambda _: "t") as client:
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(PartnerUnreachable, match=r"within 0\.2 s"):
                await client.headers(hub.here, after="", wait=0.1)
            with pytest.raises(PartnerUnreachable, match=r"within 0\.1 s"):
                await client.fetch(hub.here, ID)


async def test_nobody_there(client, hub):
    """An address where nobody listens, and one that is none."""
    for url in ("http://127.0.0.1:1/exchange/v1/mailbox", "http://[::nonsense/", "http://a..b.invalid/"):
        here = Partner("fr", "", (), mailbox_url=url)
        with pytest.raises(PartnerUnreachable):
            await client.headers(here, after="", wait=0)


async def test_before_it_is_opened(hub):
    """A client that was never opened says that the gateway is stopping."""
    with pytest.raises(PartnerUnreachable):
        await HttpMailbox(TransportSettings(), ClientTls, lambda _: "t").fetch(hub.here, ID)
