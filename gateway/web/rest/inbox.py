"""The inbox of an authority hosted here."""

from typing import Any

from aiohttp import web

from gateway.exchange.records import InboxItem
from gateway.flows.inboxes import acknowledge, fetch, list_waiting
from gateway.permits.scopes import Scope
from gateway.web.answers import room_in
from gateway.web.auth import caller_of
from gateway.web.bodies import read_after, read_limit
from gateway.web.caching import answer_cached
from gateway.web.keys import NODE, TRAIL


async def show_list(request: web.Request) -> web.Response:
    """GET /api/v1/inbox: what waits, oldest first; `next` is the cursor of the next page."""
    caller = await caller_of(request, Scope.INBOX)
    limit = read_limit(request)
    items = await list_waiting(caller, after=read_after(request), limit=limit, node=request.app[NODE])
    return web.json_response(
        {
            "items": [_item(item) for item in items],
            "next": items[-1].id if len(items) == limit else None,
        }
    )


async def show_item(request: web.Request) -> web.Response:
    """GET /api/v1/inbox/ID: the permit's original bytes; 304 when the caller has them already."""
    caller = await caller_of(request, Scope.INBOX)
    item, original = await fetch(
        caller, request.match_info["id"], request.app[NODE], request[TRAIL], room=room_in(request)
    )
    return answer_cached(request, original, "application/xml", item.digest)


async def take(request: web.Request) -> web.Response:
    """POST /api/v1/inbox/ID/acknowledgement: the caller has it safely; it leaves the list."""
    caller = await caller_of(request, Scope.ACKNOWLEDGE)
    item = await acknowledge(caller, request.match_info["id"], request.app[NODE], request[TRAIL])
    return web.json_response(_item(item))


def _item(item: InboxItem) -> dict[str, Any]:
    """The JSON shape of an item."""
    return {
        "id": item.id,
        "issuer": item.permit.issuer,
        "number": item.permit.number,
        "sender": str(item.sender),
        "digest": item.digest,
        "arrived_at": item.arrived_at.isoformat(),
        "acknowledged_at": item.acknowledged_at.isoformat() if item.acknowledged_at else None,
    }
