"""Pushing to a real server: what it gets, which answers count, which errors come out."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from standardwebhooks.webhooks import Webhook as Verifier
from support.tls import identity
from support.webhooks import OTHER, SECRET, webhook

from gateway import clock
from gateway.errors import KeyMaterialError, PartnerAnsweredWrongly, PartnerUnreachable
from gateway.exchange.breaker import is_silence
from gateway.exchange.webhooks import Parcel, Webhook
from gateway.signatures.webhooks import read_secret
from gateway.transport.rest import TransportSettings
from gateway.transport.tls import ClientTls, server_context
from gateway.transport.webhook import HttpPusher

PARCEL = Parcel("019ab3f0-0000-7000-8000-000000000000", b'{"a": "\xc3\xa9"}', "application/x", {"ce-id": "1"})


@dataclass(slots=True)
class Receiver:
    """Answers every request as the test says, and keeps what came."""

    status: int = 204
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    silent: bool = False
    here: Webhook = field(default_factory=webhook)

    async def answer(self, request: web.Request) -> web.Response:
        """Keep it, and answer."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append((request.method, request.path_qs, headers, await request.read()))
        if self.silent:
            await asyncio.Event().wait()
        return web.Response(status=self.status, body=self.body, headers=self.headers)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", made.answer)
    server = TestServer(application, host="127.0.0.1")
    await server.start_server(shutdown_timeout=0)
    made.here = webhook(url=str(server.make_url("/events?of=ecites")))
    yield made
    await server.close()


@dataclass(slots=True)
class Door:
    """A pusher whose secrets a test changes."""

    pusher: HttpPusher
    secrets: list[str] = field(default_factory=lambda: [SECRET])

    async def push(self, where: Webhook, parcel: Parcel = PARCEL) -> None:
        """Push now."""
        await self.pusher.push(where, parcel, clock.now())


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    settings = TransportSettings(connect_seconds=1.0, answer_seconds=1.0, max_answer_bytes=1000)
    made = Door(HttpPusher(settings, ClientTls, lambda _: [read_secret(each, "") for each in made.secrets]))
    async with made.pusher:
        yield made


async def test_what_the_receiver_gets(door: Door, receiver: Receiver) -> None:
    """One POST, the bytes as they are, signed so that the library of the specification believes it."""
    await door.push(receiver.here)
    ((method, path, headers, body),) = receiver.requests
    assert (method, path, body) == ("POST", "/events?of=ecites", PARCEL.body)
    assert headers["content-type"] == "application/x"
    assert headers["ce-id"] == "1"
    assert headers["webhook-id"] == PARCEL.id
    assert Verifier(SECRET).verify(body, headers) == {"a": "é"}


async def test_while_a_secret_is_replaced_both_sign(door: Door, receiver: Receiver) -> None:
    """The receiver may have either; once the first is taken away it counts no more, with no restart."""
    door.secrets = [SECRET, OTHER]
    await door.push(receiver.here)
    door.secrets = [OTHER]
    await door.push(receiver.here)
    (_, _, both, body), (_, _, one, _) = receiver.requests
    for secret in (SECRET, OTHER):
        assert Verifier(secret).verify(body, both)
    assert Verifier(OTHER).verify(body, one)
    assert len(one["webhook-signature"].split()) == 1


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_any_success_counts(door: Door, receiver: Receiver, status: int) -> None:
    """Whatever else the answer says, and however much."""
    receiver.status, receiver.body = status, b"" if status == 204 else b"x" * 100_000
    await door.push(receiver.here)


@pytest.mark.parametrize(
    ("status", "final", "silence"),
    [
        (301, False, False),
        (400, False, False),
        (401, False, False),
        (404, False, False),
        (409, False, False),
        (410, True, False),
        (422, False, False),
        (429, False, True),
        (500, False, True),
        (503, False, True),
    ],
)
async def test_every_other_answer(
    door: Door, receiver: Receiver, status: int, *, final: bool, silence: bool
) -> None:
    """Gone alone is final; errors of the server count for the breaker."""
    receiver.status = status
    with pytest.raises(
        PartnerAnsweredWrongly, match=f"webhook:system answered with HTTP {status}"
    ) as refused:
        await door.push(receiver.here)
    assert refused.value.fields["final"] is final
    assert is_silence(refused.value) is silence


async def test_redirects_are_not_followed(door: Door, receiver: Receiver) -> None:
    """An address changes in the configuration."""
    receiver.status, receiver.headers = 307, {"Location": "/elsewhere"}
    with pytest.raises(PartnerAnsweredWrongly):
        await door.push(receiver.here)
    assert len(receiver.requests) == 1


async def test_what_the_receiver_says_is_told(door: Door, receiver: Receiver) -> None:
    """Its code and words, and when to come again."""
    receiver.status, receiver.headers = 503, {"Retry-After": "120"}
    receiver.body = b'{"code": "full", "detail": "no room"}'
    with pytest.raises(PartnerAnsweredWrongly, match="full no room") as refused:
        await door.push(receiver.here)
    assert refused.value.fields["retry_after"] == 120


async def test_an_endless_answer_is_not_read(door: Door, receiver: Receiver) -> None:
    """Gone stays gone, however much is said with it."""
    receiver.status, receiver.body = 410, b"x" * 1001
    with pytest.raises(PartnerAnsweredWrongly) as refused:
        await door.push(receiver.here)
    assert refused.value.fields["final"] is True


async def test_cookies_are_not_kept(door: Door, receiver: Receiver) -> None:
    """No request depends on an earlier answer."""
    receiver.headers = {"Set-Cookie": "a=b"}
    for _ in range(2):
        await door.push(receiver.here)
    assert not any("cookie" in headers for _, _, headers, _ in receiver.requests)


async def test_a_receiver_that_is_silent(door: Door, receiver: Receiver) -> None:
    """The wait has an end."""
    receiver.silent = True
    with pytest.raises(PartnerUnreachable, match="did not answer within"):
        await door.push(receiver.here)


async def test_nobody_there(door: Door) -> None:
    """A closed port is told with its address."""
    with pytest.raises(PartnerUnreachable, match="cannot be reached"):
        await door.push(webhook(url="http://127.0.0.1:1/"))


async def test_without_a_secret_nothing_is_sent(door: Door, receiver: Receiver) -> None:
    """A broken file is told, and nothing leaves unsigned."""
    door.secrets = ["broken"]
    with pytest.raises(KeyMaterialError):
        await door.push(receiver.here)
    assert receiver.requests == []


async def test_after_its_end_nothing_is_sent(receiver: Receiver) -> None:
    """A pusher that was closed says that the gateway stops."""
    pusher = HttpPusher(TransportSettings(), ClientTls, lambda _: [])
    with pytest.raises(PartnerUnreachable, match="stopping"):
        await pusher.push(receiver.here, PARCEL, clock.now())


async def test_the_server_is_verified_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the certificates of the system, or those that SSL_CERT_FILE names: an authority of its own."""
    authority = identity(tmp_path, "authority", authority=True)
    shown = identity(tmp_path, "receiver", issuer=authority)
    made, application = Receiver(), web.Application()
    application.router.add_post("/", made.answer)
    server = TestServer(application, host="127.0.0.1")
    await server.start_server(ssl=server_context(shown.files, []))
    where = webhook(url=f"https://127.0.0.1:{server.port}/")
    try:
        with pytest.raises(PartnerUnreachable, match="no TLS connection"):
            await pushed(where)
        assert made.requests == []
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.files.certificate))
        await pushed(where)
        assert len(made.requests) == 1
    finally:
        await server.close()


async def pushed(where: Webhook) -> None:
    """Push with what the environment says now."""
    tls = ClientTls()
    async with HttpPusher(TransportSettings(), lambda: tls, lambda _: [read_secret(SECRET, "")]) as pusher:
        await pusher.push(where, PARCEL, clock.now())
