"""The exchange: partner gateways send envelopes and get receipts."""

from aiohttp import web

from gateway.flows.receive import receive
from gateway.web.bodies import read_xml
from gateway.web.keys import NODE, TRAIL
from gateway.web.peer import peer_of


async def take_message(request: web.Request) -> web.Response:
    """
    POST /exchange/v1/messages: take an envelope, answer with a signed receipt.

    No token: the signature on the envelope is believed, and where TLS certificates are registered, the
    caller's must be that of the same partner. 200 means that the receipt speaks, also when
    its outcome is a refusal; any other status carries problem+json and no receipt.
    """
    request[TRAIL].tls = peer_of(request)
    receipt = await receive(await read_xml(request), request.app[NODE], request[TRAIL])
    return web.Response(body=receipt, content_type="application/xml")
