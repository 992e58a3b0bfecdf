"""A partner on a loopback port that speaks bytes, not HTTP: it can say what no web server would."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest
from support.exchange import FR_MA

from gateway.exchange.directory import Partner
from gateway.transport.rest import RestCourier, TransportSettings

PATIENCE = 10.0

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class FakePartner:
    """Answers each request as the test says, and keeps what came."""

    talk: Talk
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a whole request has arrived."""
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the other side has closed a connection."""
    here: Partner = field(init=False)
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["FakePartner"]:
        """Serve for the time of the block."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.here = Partner("fr", f"http://127.0.0.1:{port}/exchange/v1/messages", (FR_MA,))
        try:
            yield self
        finally:
            server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for writer in self._writers:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Requests of one connection, one after the other."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.append(writer)
        try:
            while True:
                await self._request(reader)
                await self.talk(reader, writer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            self.left.set()
        except asyncio.CancelledError:
            pass  # the test is over
        finally:
            writer.close()

    async def _request(self, reader: asyncio.StreamReader) -> None:
        """Read one request and keep it."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next(
            int(line.partition(":")[2])
            for line in head.splitlines()
            if line.lower().startswith("content-length:")
        )
        self.heads.append(head)
        self.bodies.append(await reader.readexactly(length))
        self.came.set()


def saying(answer: bytes) -> Talk:
    """Give these bytes as they are."""

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return talk


def http(status: int, body: bytes = b"", **headers: str) -> bytes:
    """An HTTP answer; `Content_Type="..."` becomes the header Content-Type."""
    lines = [f"HTTP/1.1 {status} Something", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """Closes what a test has opened, in the other order."""
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
def partner_that(stack: AsyncExitStack):
    """Start a partner with a way to talk, or with the bytes that it answers."""

    async def start(talk: Talk | bytes) -> FakePartner:
        fake = FakePartner(saying(talk) if isinstance(talk, bytes) else talk)
        return await stack.enter_async_context(fake.listening())

    return start


@pytest.fixture
def answer_of():
    """The bytes of an HTTP answer."""
    return http


@pytest.fixture
def open_courier(stack: AsyncExitStack):
    """Open a courier with the settings that a test needs; a test never waits longer than 10 s."""

    async def start(**changes: float) -> RestCourier:
        settings = TransportSettings(**({"answer_seconds": PATIENCE} | changes))
        return await stack.enter_async_context(RestCourier(settings))

    return start


@pytest.fixture
async def courier(open_courier) -> RestCourier:
    return await open_courier()
