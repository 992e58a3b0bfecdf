"""For those who keep the gateway running."""

import hmac

from aiohttp import web

from gateway import __version__
from gateway.errors import Unauthenticated
from gateway.telemetry.metrics import CONTENT_TYPE
from gateway.web.keys import NODE

METRICS_TOKEN = web.AppKey("metrics_token", bytes)


async def healthz(_request: web.Request) -> web.Response:
    """GET /healthz: the process answers."""
    return web.json_response({"status": "ok", "version": __version__})


async def show_metrics(request: web.Request) -> web.Response:
    """
    GET /metrics: what is measured, for whoever has the token of the operator.

    The address of a caller proves nothing here: behind a proxy everybody comes from this machine. Raises
    `Unauthenticated`.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    given = token.strip().encode("utf-8", "surrogateescape")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given, request.app[METRICS_TOKEN]):
        raise Unauthenticated(
            "this address needs the token for metrics",
            advice="send the header: Authorization: Bearer TOKEN, with what stands in the file metrics_token",
        )
    text = await request.app[NODE].metrics.text()
    return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"})
