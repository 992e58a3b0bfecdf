"""A caller that asks for much and takes nothing of the answer does not hold its connection for ever."""

import asyncio
import socket

import pytest
from aiohttp import web

from gateway.web.keys import WebSettings
from gateway.web.port import make_runner, open_port

PATIENCE = 30.0
LARGE = b"x" * (32 * 1024 * 1024)


async def much(_request: web.Request) -> web.Response:
    """More than the buffers of two systems hold."""
    return web.Response(body=LARGE)


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the system has no such time")
async def test_a_caller_that_takes_nothing_is_let_go() -> None:
    """Its window is closed for longer than idle_seconds: the system ends the connection."""
    application = web.Application()
    application.router.add_get("/", much)
    settings = WebSettings(port=0, idle_seconds=1.0)
    runner = make_runner(application, settings)
    await runner.setup()
    server = await open_port(runner, settings, None)
    assert runner.server is not None
    try:
        with socket.socket() as caller:
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            caller.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(caller, server.sockets[0].getsockname())
            await loop.sock_sendall(caller, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await loop.sock_recv(caller, 12)
            assert len(runner.server.connections) == 1
            async with asyncio.timeout(PATIENCE):
                while True:
                    if not runner.server.connections:
                        break
                    await asyncio.sleep(0.05)
    finally:
        server.close()
        await runner.cleanup()
