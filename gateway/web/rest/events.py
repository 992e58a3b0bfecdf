"""What happened to permits that concern an authority hosted here."""

from aiohttp import web

from gateway.errors import MalformedRequest
from gateway.flows.events import acknowledge_events, list_events
from gateway.permits.scopes import Scope
from gateway.web.auth import caller_of
from gateway.web.bodies import MAX_PAGE, read_after, read_limit, read_wait
from gateway.web.json_body import read_object
from gateway.web.keys import NODE, TRAIL

MOST_EVENTS = 50
"""Of one page: the seal of each permit is proven anew for it, which takes some 10 ms each."""
_ACKNOWLEDGEMENT = {"ids": ["019ab3f0-0000-7000-8000-000000000000"]}


async def show_list(request: web.Request) -> web.Response:
    """
    GET /api/v1/events: what is not acknowledged, oldest first; `next` asks for what comes after it.

    With `wait` an empty feed answers as soon as something happens, or after so many seconds.
    """
    caller = await caller_of(request, Scope.EVENTS)
    after = read_after(request)
    limit = min(read_limit(request), MOST_EVENTS)
    events = await list_events(
        caller, after=after, limit=limit, wait=read_wait(request), node=request.app[NODE]
    )
    return web.json_response({"events": events, "next": events[-1]["id"] if events else after})


async def take(request: web.Request) -> web.Response:
    """POST /api/v1/events/acknowledgement: the caller has these safely; they leave the feed."""
    caller = await caller_of(request, Scope.EVENTS)
    body = await read_object(request, _ACKNOWLEDGEMENT, required=1)
    ids = list(dict.fromkeys(body.texts("ids")))
    if not 0 < len(ids) <= MAX_PAGE:
        raise MalformedRequest(
            f"{len(ids)} events are acknowledged at once", advice=f"name 1 to {MAX_PAGE} ids"
        )
    await acknowledge_events(caller, ids, request.app[NODE], request[TRAIL])
    return web.json_response({"acknowledged": ids})
