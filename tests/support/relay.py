"""A wire between a gateway and its database that a test can cut at the worst moment."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Relay:
    """Passes bytes on, in both directions, until it is told otherwise."""

    port: int
    """Of the server behind it."""
    lose_the_answer_to: bytes = b""
    """A statement that reaches the server and whose answer reaches nobody: the wire is cut instead."""
    silent: bool = False
    """Whether the wire is dead without anybody having closed it."""
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    _awaited: list[tuple[bytes, asyncio.Event]] = field(default_factory=list)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def hears(self, statement: bytes) -> None:
        """Wait until a client says something that is said from now on."""
        heard = asyncio.Event()
        self._awaited.append((statement, heard))
        async with asyncio.timeout(30):
            await heard.wait()

    def cut(self) -> None:
        """End all connections, on both sides."""
        for writer in self._open:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client."""
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        self._open |= {writer, back}
        passing = asyncio.create_task(self._pass(there, writer))
        try:
            while data := await reader.read(65536):
                for statement, heard in self._awaited:
                    if statement in data:
                        heard.set()
                if self.silent:
                    continue
                if self.lose_the_answer_to and self.lose_the_answer_to in data:
                    passing.cancel()
                    await asyncio.wait([passing])
                    back.write(data)
                    await there.read(65536)  # the server has done it
                    self.lose_the_answer_to = b""
                    self.lost.set()
                    return
                back.write(data)
        except OSError:
            pass
        finally:
            passing.cancel()
            for each in (writer, back):
                each.transport.abort()
                self._open.discard(each)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What the server says."""
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.transport.abort()


@contextlib.asynccontextmanager
async def relay(port: int) -> AsyncIterator[tuple[Relay, int]]:
    """A relay to a loopback port, and its own port."""
    made = Relay(port)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    try:
        yield made, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        made.cut()
