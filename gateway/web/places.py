"""How much lies in memory at once, bodies of requests and large answers; one too many is told so at once."""

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Self

from aiohttp import web

from gateway.errors import GatewayBusy
from gateway.web.keys import WebSettings

ADVICE = "send the same again after the seconds in Retry-After: nothing of it was read"
ASK_AGAIN = "ask again after the seconds in Retry-After: nothing was handed over"
ANSWERS = 2
"""All answers together take at most one of so many parts of the memory: who takes nothing stops no body."""


@dataclass(slots=True)
class Places:
    """A number of requests and a number of bytes; what has no body takes neither."""

    most_requests: int
    most_bytes: int
    body_seconds: float
    """So long a body may take, and with it a place that nobody works at."""
    requests: int = 0
    """Taken places."""
    bytes: int = 0
    """What all of them together may bring into memory."""
    answers: int = 0
    """Bytes of the answers that are not sent yet."""

    @classmethod
    def of(cls, settings: WebSettings) -> Self:
        """As configured, and all free."""
        return cls(settings.max_requests, settings.max_body_memory_bytes, settings.body_seconds)

    @contextlib.contextmanager
    def place(self, size: int) -> Iterator[None]:
        """A place for a body of at most `size` bytes, until the block is left; raises `GatewayBusy`."""
        if self.requests >= self.most_requests:
            raise GatewayBusy(
                f"{self.requests} requests with a body are being handled, which is as many as may be at once",
                advice=ADVICE,
            )
        if self.bytes + self.answers + size > self.most_bytes:
            raise GatewayBusy(
                "the bodies of other requests and answers fill the memory that there is for them",
                advice=ADVICE,
            )
        self.requests += 1
        self.bytes += size
        try:
            yield
        finally:
            self.requests -= 1
            self.bytes -= size

    @contextlib.contextmanager
    def answer(self, size: int) -> Iterator[None]:
        """
        Room for an answer of `size` bytes, until the block is left; raises `GatewayBusy`.

        When nothing else is there it always goes, however large it is.
        """
        answers = self.answers + size
        full = answers > self.most_bytes // ANSWERS or self.bytes + answers > self.most_bytes
        if full and (self.bytes or self.answers):
            raise GatewayBusy(
                "answers that others have not taken yet fill the memory that there is for them",
                advice=ASK_AGAIN,
            )
        self.answers += size
        try:
            yield
        finally:
            self.answers -= size


PLACES = web.AppKey("places", Places)
_HELD = web.RequestKey("held", contextlib.ExitStack)


@web.middleware
async def give_back_places(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """The place that a request takes while its body is read is free again when it has been handled."""
    with contextlib.ExitStack() as held:
        request[_HELD] = held
        return await handler(request)


def take_place(request: web.Request, *, compressed: bool) -> None:
    """
    Before the body of a request is read: a place for it; raises `GatewayBusy`.

    A body that is compressed, or does not say its length, may become as long as a body may be.
    """
    most = request.client_max_size
    declared = most if compressed or request.content_length is None else request.content_length
    request[_HELD].enter_context(request.app[PLACES].place(min(declared, most)))
