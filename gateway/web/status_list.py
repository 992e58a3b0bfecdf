"""The newest signed status list of a Party whose Management Authority lives here; anybody may fetch it."""

import asyncio
from datetime import datetime, timedelta

from aiohttp import web

from gateway.flows.list_statuses import list_statuses, lister_of
from gateway.flows.ports import Node
from gateway.web.keys import NODE

FRESH_FOR = timedelta(minutes=5)
"""So long a list is handed out again, before another one is made."""


class Press:
    """Makes lists on demand, each once in a while, however many ask for it."""

    def __init__(self) -> None:
        """Nothing is made yet."""
        self._turn = asyncio.Lock()
        self._made: dict[str, tuple[datetime, str]] = {}

    async def text(self, party: str, node: Node) -> str:
        """
        The list of a Party, at most `FRESH_FOR` old.

        Raises `NotFound` for a Party whose Management Authority does not live here.
        """
        authority = lister_of(party, node)
        async with self._turn:
            now = node.clock.now()
            made = self._made.get(party)
            if made is None or not made[0] <= now < made[0] + FRESH_FOR:
                made = now, (await list_statuses(authority, node)).text
                self._made[party] = made
        return made[1]


PRESS = web.AppKey("press", Press)


async def show(request: web.Request) -> web.Response:
    """GET /status-list/PARTY: the signed list, to be laid into a folder as PARTY.jws."""
    text = await request.app[PRESS].text(request.match_info["party"], request.app[NODE])
    return web.Response(
        text=text + "\n",
        content_type="application/jose",
        headers={
            "Cache-Control": f"public, max-age={FRESH_FOR.seconds}",
            "X-Content-Type-Options": "nosniff",
        },
    )
