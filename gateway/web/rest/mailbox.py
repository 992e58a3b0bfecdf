"""The mailbox of a partner gateway that only calls out."""

from typing import Any

from aiohttp import web

from gateway.exchange.records import DeliveryRecord
from gateway.flows.acknowledge import take_receipt
from gateway.flows.mailbox import fetch, list_headers
from gateway.web.answers import room_in
from gateway.web.auth import partner_of
from gateway.web.bodies import read_after, read_limit, read_wait, read_xml
from gateway.web.keys import NODE, TRAIL


async def show_list(request: web.Request) -> web.Response:
    """
    GET /exchange/v1/mailbox: headers of what waits, oldest first; `next` asks for what comes after them.

    With `wait` an empty mailbox answers as soon as something is put into it, or after so many seconds.
    """
    partner = await partner_of(request)
    page = await list_headers(
        partner,
        after=read_after(request),
        limit=read_limit(request),
        wait=read_wait(request),
        node=request.app[NODE],
        trail=request[TRAIL],
    )
    return web.json_response(page.as_dict())


async def show_message(request: web.Request) -> web.Response:
    """GET /exchange/v1/mailbox/ID: the envelope, the same bytes each time; it stays in the mailbox."""
    partner = await partner_of(request)
    message = await fetch(
        partner, request.match_info["id"], request.app[NODE], request[TRAIL], room=room_in(request)
    )
    return web.Response(
        body=message.envelope,
        content_type="application/xml",
        headers={"ETag": f'"{message.envelope_digest}"', "X-Content-Type-Options": "nosniff"},
    )


async def take(request: web.Request) -> web.Response:
    """POST /exchange/v1/mailbox/ID/receipt: the partner's signed receipt; the message leaves the mailbox."""
    partner = await partner_of(request)
    receipt = await read_xml(request)
    delivery = await take_receipt(
        receipt, partner, request.match_info["id"], request.app[NODE], request[TRAIL]
    )
    return web.json_response(_settled(delivery))


async def close(application: web.Application) -> None:
    """The gateway stops: whoever waits is answered."""
    application[NODE].mailboxes.close()


def _settled(delivery: DeliveryRecord) -> dict[str, Any]:
    """The JSON shape of a message that has left the mailbox."""
    return {
        "message_id": delivery.message_id,
        "state": delivery.state.value,
        "settled_at": delivery.settled_at.isoformat() if delivery.settled_at else None,
    }
