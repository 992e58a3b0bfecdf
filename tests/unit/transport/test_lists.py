"""Fetching revocation lists, from servers that do what they like."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from gateway.errors import PartnerAnsweredWrongly, PartnerUnreachable
from gateway.transport import lists
from gateway.transport.lists import HttpLists

LIST = b"a list " * 100


@pytest.fixture
async def server() -> AsyncIterator[str]:
    """An address below which: /list, /silent until the end of the test, and /N with that status."""
    end = asyncio.Event()
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        if request.path == "/silent":
            await end.wait()
        if request.path in ("/list", "/silent"):
            return web.Response(body=LIST)
        assert "/list" not in asked, "a redirect was followed"
        return web.Response(status=int(request.path[1:]), headers={"Location": "/list"})

    application = web.Application()
    application.router.add_get("/{name}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    end.set()
    await runner.cleanup()


async def test_the_body_is_given_as_it_is(server):
    """Nothing is decoded."""
    assert await HttpLists().fetch(f"{server}/list") == LIST


@pytest.mark.parametrize("status", [204, 301, 302, 307, 404, 500])
async def test_anything_but_200_is_no_list(status, server):
    """A redirect is not followed: the operator has named this address and no other."""
    with pytest.raises(PartnerAnsweredWrongly, match=f"HTTP {status}"):
        await HttpLists().fetch(f"{server}/{status}")


async def test_an_endless_list_is_cut(server, monkeypatch):
    """No more is read than a list may have."""
    monkeypatch.setattr(lists, "MAX_LIST_BYTES", len(LIST) - 1)
    with pytest.raises(PartnerAnsweredWrongly, match="more than"):
        await HttpLists().fetch(f"{server}/list")
    monkeypatch.setattr(lists, "MAX_LIST_BYTES", len(LIST))
    assert await HttpLists().fetch(f"{server}/list") == LIST


async def test_silence_has_an_end(server, monkeypatch):
    """A server that says nothing is given up."""
    monkeypatch.setattr(lists, "SECONDS", 0.2)
    with pytest.raises(PartnerUnreachable, match="within"):
        await HttpLists().fetch(f"{server}/silent")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "http://no-such-host.invalid/x", "http://[::1/x"])
async def test_nobody_there_is_a_sentence(url):
    """No other exception escapes."""
    with pytest.raises(PartnerUnreachable, match="cannot be reached"):
        await HttpLists().fetch(url)
