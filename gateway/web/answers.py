"""Large answers: their bytes count until they are sent, so that slow callers fill no memory."""

import contextlib
from collections.abc import Awaitable, Callable

from aiohttp import web

from gateway.web.places import PLACES

_HELD = web.RequestKey("held_answer", contextlib.ExitStack)
_COUNTED = web.RequestKey("counted_answer", bool)


@web.middleware
async def send_held(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """
    The outermost of all: an answer for which `room_in` was asked is sent here; its bytes are free after that.

    To everything further in it is an answer like any other.
    """
    with contextlib.ExitStack() as held:
        request[_HELD] = held
        response = await handler(request)
        if request.get(_COUNTED):
            # Whoever is gone is found out once more, and noted, where answers are sent otherwise.
            with contextlib.suppress(ConnectionError):
                await response.prepare(request)
                await response.write_eof()
        return response


def room_in(request: web.Request) -> Callable[[int], None]:
    """Takes room for an answer of so many bytes to a request, until it is sent; raises `GatewayBusy`."""

    def room(size: int) -> None:
        request[_HELD].enter_context(request.app[PLACES].answer(size))
        request[_COUNTED] = True

    return room
