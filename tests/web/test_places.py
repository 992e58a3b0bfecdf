"""So many requests with bodies at once and no more: who is one too many is told before the body is read."""

import asyncio
import contextlib
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.permits import permit_bytes

from gateway.web.keys import WebSettings
from gateway.web.places import PLACES, Places

SUBMIT = "/api/v1/permits"
XML = "application/xml"
PATIENCE = 10.0


async def until(condition: Callable[[], Any]) -> None:
    """Wait until something holds, at most 10 s."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


def places_of(door) -> Places:
    """The places of a served gateway."""
    return door.application[PLACES]


@asynccontextmanager
async def half(door, *, length: int = 1000, **headers: str) -> AsyncIterator[tuple[Any, Any]]:
    """A caller that has sent the head of a request and not all of its body."""
    address = urlsplit(door.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    named = {
        "Host": "x",
        "Authorization": f"Bearer {door.tokens['CH:MA']}",
        "Content-Type": XML,
        "Content-Length": str(length),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"POST {SUBMIT} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items() if value)]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Status, headers and problem of an answer."""
    async with asyncio.timeout(PATIENCE):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        headers = {
            line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in head[1:] if line
        }
        body = await reader.readexactly(int(headers["content-length"]))
    return int(head[0].split()[1]), headers, json.loads(body)


async def test_one_too_many_is_told_before_its_body_is_read(ch):
    """503 with Retry-After on the head alone; when a place is free again, the same request is taken."""
    places = places_of(ch)
    places.most_requests = 2
    async with half(ch), half(ch):
        await until(lambda: places.requests == 2)
        async with half(ch) as (reader, _):
            status, headers, problem = await answer(reader)
        assert (status, problem["code"], headers["retry-after"]) == (503, "gateway_busy", "5")
        assert headers["content-type"].startswith("application/problem+json")
        assert problem["detail"].startswith("2 requests with a body are being handled")
        assert places.requests == 2
    await until(lambda: places.requests == 0)
    status, _, _ = await ch.call("POST", SUBMIT, token="CH:MA", data=permit_bytes(), Content_Type=XML)
    assert status == 202


async def test_their_bodies_together_have_a_limit(ch):
    """Up to the last byte there is room, and one byte more has none."""
    places = places_of(ch)
    places.most_bytes = 5000
    async with half(ch, length=3000):
        await until(lambda: places.bytes == 3000)
        async with half(ch, length=2001) as (reader, _):
            status, _, problem = await answer(reader)
            assert (status, problem["code"]) == (503, "gateway_busy")
            assert "memory" in problem["detail"]
        async with half(ch, length=2000):
            await until(lambda: places.bytes == 5000)
    await until(lambda: places.bytes == 0)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Encoding": "gzip"},
        {"Content_Length": "", "Transfer_Encoding": "chunked"},
        {"Content_Length": str(10**9)},
    ],
    ids=["compressed", "chunked", "larger than allowed"],
)
async def test_a_body_that_may_become_long_counts_as_the_longest(headers, ch):
    """What is compressed or does not say its length may fill all that a body may."""
    places = places_of(ch)
    async with half(ch, **headers):
        await until(lambda: places.requests == 1)
        assert places.bytes == WebSettings().max_body_bytes


async def test_who_has_no_body_is_not_counted(ch, hub):
    """While every place is taken, health, readiness, lists and long polls are answered."""
    for door in (ch, hub):
        places_of(door).most_requests = 0
    for path in ("/healthz", "/readyz"):
        assert (await ch.call("GET", path))[0] == 200
    assert (await ch.call("GET", "/api/v1/inbox", token="CH:MA"))[0] == 200
    assert (await hub.call("GET", "/exchange/v1/mailbox?wait=1", token="ch"))[0] == 200
    status, _, body = await ch.call("POST", SUBMIT, token="CH:MA", data=permit_bytes(), Content_Type=XML)
    assert (status, json.loads(body)["code"]) == (503, "gateway_busy")


async def test_a_stranger_takes_no_place(ch):
    """Who has no token is turned away before a place is asked for."""
    places_of(ch).most_requests = 0
    status, _, _ = await ch.call("POST", SUBMIT, data=permit_bytes(), Content_Type=XML)
    assert status == 401


@pytest.mark.parametrize(
    "data",
    [b"rubbish", b"", gzip.compress(b"<a/>"), b"<a>" + b" " * 6_000_000],
    ids=["xml", "empty", "gzip", "large"],
)
async def test_a_place_is_given_back_whatever_becomes_of_the_request(data, ch):
    """Refusals free their places as successes do."""
    for _ in range(3):
        status, _, _ = await ch.call("POST", SUBMIT, token="CH:MA", data=data, Content_Type=XML)
        assert status >= 400
    await until(lambda: (places_of(ch).requests, places_of(ch).bytes) == (0, 0))


@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_a_body_that_drips_is_cut_off(coding, ch):
    """A byte now and then does not lengthen the time: 408, the connection is closed, the place is free."""
    places = places_of(ch)
    places.body_seconds = 0.3
    async with half(ch, length=1_000_000, Content_Encoding=coding) as (reader, writer):

        async def drip() -> None:
            piece = iter(gzip.compress(bytes(range(256)) * 4000) if coding == "gzip" else b"<" * 10**6)
            for byte in piece:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        try:
            status, headers, problem = await answer(reader)
            assert (status, problem["code"], headers["connection"]) == (408, "body_too_slow", "close")
            await until(lambda: places.requests == 0)
            # The rest may come for 10 s and is thrown away; what comes after that is answered with a reset.
            async with asyncio.timeout(3 * PATIENCE):
                with contextlib.suppress(ConnectionError):
                    assert await reader.read() == b""
        finally:
            dripping.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await dripping


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_requests": 0},
        {"max_connections": 0},
        {"body_seconds": 0},
        {"idle_seconds": float("nan")},
        {"drain_seconds": -1},
        {"drain_seconds": 601},
        {"max_body_memory_bytes": 5 * 1024 * 1024 - 1},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_settings_with_which_nothing_would_be_taken_are_refused(wrong):
    """The sentence names the setting."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        WebSettings(**wrong)
