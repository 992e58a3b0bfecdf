"""What we send to a partner: in pieces, within a time, and how far it has come."""

import asyncio
from enum import StrEnum

import aiohttp
from aiohttp.abc import AbstractStreamWriter

PIECE = 64 * 1024
"""Bytes that are given to the connection at once; it asks for the next ones when it has room again."""


class Stage(StrEnum):
    """How far an exchange has come."""

    CONNECT = "connect"
    """There is no connection yet."""
    SEND = "send"
    """The partner has accepted the connection and is taking our bytes."""
    ANSWER = "answer"
    """Everything is sent; the answer is awaited."""


class Outgoing(aiohttp.Payload):
    """
    A body that must be taken within a time.

    `stage` tells, whatever becomes of the exchange, how far it has come. A body that fits into the buffers of
    the two systems counts as sent as soon as it is in them.
    """

    _value: bytes

    def __init__(self, body: bytes, seconds: float) -> None:
        """Nothing is sent; `seconds` count from the moment at which there is a connection."""
        super().__init__(body, content_type="application/xml")
        self._size = len(body)
        self._seconds = seconds
        self.stage = Stage.CONNECT
        self._transport: asyncio.WriteTransport | None = None

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """The body as text."""
        return self._value.decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send the body; raises `TimeoutError` when the partner does not take it in time."""
        self.stage = Stage.SEND
        self._transport = getattr(writer, "transport", None)
        async with asyncio.timeout(self._seconds):
            for begin in range(0, len(self._value), PIECE):
                await writer.write(self._value[begin : begin + PIECE])
            await writer.drain()
        self.stage = Stage.ANSWER

    def break_off(self) -> None:
        """Let go of the connection: one that is only closed waits until the partner takes the rest."""
        if self._transport is not None:
            self._transport.abort()

    async def write_with_length(
        self,
        writer: AbstractStreamWriter,
        content_length: int | None,  # noqa: ARG002 - aiohttp asks for it
    ) -> None:
        """As `write`: the length that is declared is always that of the whole body."""
        await self.write(writer)
