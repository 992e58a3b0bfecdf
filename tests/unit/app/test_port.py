"""Connections: so many at once, and none that is held open for ever by saying nothing whole."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from gateway.app import running
from gateway.cli.folder import make_folder
from gateway.config import load
from gateway.permits.identity import AuthorityId

PATIENCE = 20.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The working folder of a gateway; port 0 takes any that is free."""
    return make_folder(tmp_path / "ch", [AuthorityId.parse("CH:MA")], port=0).config


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a gateway."""
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@pytest.mark.parametrize(
    "first", [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"], ids=["new", "used before"]
)
async def test_a_head_that_drips_is_cut_off(first, folder):
    """A connection on which no whole head comes is closed, whatever drips in, also after a first request."""
    settings = load(folder, {"ECITES_WEB__IDLE_SECONDS": "0.5"})
    async with running(settings) as address, connected(address) as (reader, writer):
        writer.write(first)
        if first:
            await reader.readuntil(b"}")

        async def drip() -> None:
            writer.write(b"GET /healthz HTTP/1.1\r\nX: ")
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        try:
            async with asyncio.timeout(PATIENCE):
                with contextlib.suppress(ConnectionError):
                    assert await reader.read() == b""
        finally:
            dripping.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await dripping


async def test_a_connection_too_many_is_told_so(folder):
    """It gets 503 with Retry-After at once; when another one has gone the next is served."""
    settings = load(folder, {"ECITES_WEB__MAX_CONNECTIONS": "1"})
    async with running(settings) as address:
        async with connected(address) as (reader, writer):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
            async with connected(address) as (refused, _):
                async with asyncio.timeout(PATIENCE):
                    told = await refused.read()
            assert told.startswith(b"HTTP/1.1 503 ")
            assert b"\r\nRetry-After: 5\r\n" in told
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
            while True:
                async with session.get(f"{address}/healthz") as answer:
                    if answer.status == 200:
                        return
