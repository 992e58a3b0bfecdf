"""The port on which the web server listens: how many connections there may be, and for how long."""

import asyncio
import socket
import ssl

from aiohttp import web

from gateway.errors import ConfigurationError
from gateway.web.keys import WebSettings
from gateway.web.problems import RETRY_AFTER_SECONDS

REQUEST_PATIENCE = 2.0
"""Seconds that a caller has for the rest of a request, once it is answered or the gateway ends."""

FULL = (
    f"HTTP/1.1 503 Service Unavailable\r\nRetry-After: {RETRY_AFTER_SECONDS[503]}\r\n"
    "Content-Length: 0\r\nConnection: close\r\n\r\n"
).encode()
"""Told to a connection too many, without waiting for its request."""


class _TooMany(asyncio.Protocol):
    """A connection that is not served."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say so and hang up."""
        assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101 - a stream; for the type checker
        transport.write(FULL)
        transport.close()


def make_runner(application: web.Application, settings: WebSettings) -> web.AppRunner:
    """
    What serves the application.

    A connection on which no whole head of a request has come is closed after `idle_seconds`, counted from
    its begin or from the answer before: however many bytes drip in meanwhile.
    """
    return web.AppRunner(
        application,
        access_log=None,
        keepalive_timeout=settings.idle_seconds,
        shutdown_timeout=REQUEST_PATIENCE,
        lingering_time=REQUEST_PATIENCE,
    )


async def open_port(
    runner: web.AppRunner, settings: WebSettings, tls: ssl.SSLContext | None
) -> asyncio.Server:
    """Listen; raises `ConfigurationError` when the address or the port cannot be had."""
    serve = runner.server
    if serve is None:
        raise RuntimeError("the runner is not set up")

    def protocol() -> asyncio.Protocol:
        """Who speaks on a new connection."""
        return _TooMany() if len(serve.connections) >= settings.max_connections else serve()

    try:
        server = await asyncio.get_running_loop().create_server(
            protocol, settings.host, settings.port, ssl=tls
        )
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}",
            advice="another program may have the port; set another one in [web]",
        ) from None
    for each in server.sockets:
        _end_the_deaf(each, settings.idle_seconds)
    return server


def _end_the_deaf(listening: socket.socket, seconds: float) -> None:
    """Let the system end a connection whose other end takes nothing of an answer for so long (Linux)."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is not None:
        listening.setsockopt(socket.IPPROTO_TCP, option, int(seconds * 1000))
