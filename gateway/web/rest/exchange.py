"""The exchange: partner gateways send envelopes and get receipts."""

from aiohttp import web

from gateway.flows.receive import receive
from gateway.web.bodies import read_xml
from gateway.web.keys import NODE, TRAIL


async def take_message(request: web.Request) -> web.Response:
    """
    POST /exchange/v1/messages: take an envelope, answer with a signed receipt.

    No token: only the signature on the envelope is believed. 200 means that the receipt speaks, also when
    its outcome is a refusal; any other status carries problem+json and no receipt.
    """
    receipt = await receive(await read_xml(request), request.app[NODE], request[TRAIL])
    return web.Response(body=receipt, content_type="application/xml")
