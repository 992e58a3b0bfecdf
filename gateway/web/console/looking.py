"""Whoever looks at what concerns others stands in the message log."""

from aiohttp import web

from gateway.flows.note_look import note_look
from gateway.web.keys import NODE, TRAIL

_NOTED = web.RequestKey("look-noted", bool)


async def note(request: web.Request, what: str) -> None:
    """
    Log a look, once for each request; a page that sends a long answer calls it before the first byte.

    Raises `StorageError`: nobody sees what the log does not know.
    """
    if not request.get(_NOTED, False):
        await note_look(what, request.query_string, request.app[NODE], request[TRAIL])
        request[_NOTED] = True
