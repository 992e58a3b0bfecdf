"""GET /metrics: whoever has the operator's token, and nobody else; traffic goes on whatever it does."""

from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from support.gateways import envelope, french, log_of

from gateway.errors import KeyMaterialError
from gateway.messagelog.entry import EntryKind
from gateway.web.keys import WebSettings
from gateway.web.server import make_application

TOKEN = "0123456789abcdef0123456789abcdef"
XML = {"Content-Type": "application/xml"}


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "metrics.token"
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    return file


@pytest.fixture
async def serve(databases, clock):
    """Serve the French gateway; gives its node and its address."""
    async with AsyncExitStack() as stack:

        async def start(token: Path | None = None):
            node = french(databases["FR"], clock)
            server = TestServer(make_application(node, WebSettings(metrics_token=token)))
            await server.start_server()
            stack.push_async_callback(server.close)
            return node, str(server.make_url("")).rstrip("/")

        yield start


async def ask(url: str, **headers: str) -> tuple[int, str]:
    """GET /metrics; status and text."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics", headers=headers) as answer:
        return answer.status, await answer.text()


async def test_it_is_not_there_unless_the_operator_says_so(serve):
    """Without a token in the settings the address does not exist, not even for this machine."""
    _, url = await serve()
    assert (await ask(url, Authorization=f"Bearer {TOKEN}"))[0] == 404


async def test_with_the_token(serve, token_file):
    """The text format, and the name of every door that was used."""
    _, url = await serve(token_file)
    await ask(url, Authorization=f"Bearer {TOKEN}")
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/metrics", headers={"Authorization": f"bearer {TOKEN}"}) as answer,
    ):
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        assert 'ecites_request_seconds_count{door="metrics"} 1.0' in await answer.text()


@pytest.mark.parametrize(
    "header",
    [None, "", TOKEN, f"Basic {TOKEN}", "Bearer ", f"Bearer {TOKEN[:-1]}", "Bearer \xe9", "Bearer x"],
)
async def test_without_the_token(serve, token_file, header):
    """Refused like every caller who has not said who it is, from this machine too; no number gets out."""
    node, url = await serve(token_file)
    status, text = await ask(url, **({} if header is None else {"Authorization": header}))
    assert status == 401
    assert "ecites_request" not in text
    assert TOKEN not in text
    assert [each.outcome for each in await log_of(node, kind=EntryKind.REFUSED)] == ["unauthenticated"]


@pytest.mark.parametrize(("content", "match"), [(None, "cannot be read"), ("short", "fewer than 32")])
def test_a_token_that_cannot_protect(tmp_path, databases, clock, content, match):
    """A missing or short token is a refusal to start."""
    file = tmp_path / "token"
    if content:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(KeyMaterialError, match=match):
        make_application(french(databases["FR"], clock), WebSettings(metrics_token=file))


async def test_what_happened_is_counted_and_nothing_personal(serve, token_file):
    """A message that is taken, one that is refused, an address that is not there."""
    _, url = await serve(token_file)
    async with aiohttp.ClientSession() as session:
        for data in (envelope(), b"<x/>"):
            async with session.post(f"{url}/exchange/v1/messages", data=data, headers=XML):
                pass
        async with session.get(f"{url}/CH-2026-000123/secret-path"):
            pass
    _, text = await ask(url, Authorization=f"Bearer {TOKEN}")
    assert 'ecites_messages_received_total{outcome="accepted",partner="ch"} 1.0' in text
    assert 'ecites_requests_refused_total{code="unknown_document",door="exchange",partner=""} 1.0' in text
    assert 'ecites_requests_refused_total{code="not_found",door="unknown",partner=""} 1.0' in text
    assert 'ecites_request_seconds_count{door="exchange"} 2.0' in text
    for personal in ("2026-000123", "secret-path", TOKEN, "127.0.0.1"):
        assert personal not in text


async def test_metrics_that_fail_stop_nobody(serve, token_file, monkeypatch):
    """Every counter is broken: the message gets its receipt, the refusal its answer (promise 9)."""
    node, url = await serve(token_file)

    def broken(*_):
        raise ZeroDivisionError

    for name in ("_received", "_refused", "_seconds"):
        monkeypatch.setattr(getattr(node.metrics, name), "labels", broken)
    async with aiohttp.ClientSession() as session:
        for data, status in ((envelope(), 200), (b"<x/>", 422)):
            async with session.post(f"{url}/exchange/v1/messages", data=data, headers=XML) as answer:
                assert answer.status == status
