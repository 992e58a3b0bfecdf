"""For those who keep the gateway running."""

import asyncio
import hmac
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from gateway import __version__
from gateway.errors import StorageError, Unauthenticated
from gateway.telemetry.metrics import CONTENT_TYPE
from gateway.web.keys import NODE
from gateway.web.secret_file import read_secret

DATABASE_SECONDS = 2.0
"""In this time the database must answer, or the gateway is not ready: a proxy asks every few seconds."""


@dataclass(slots=True)
class Readiness:
    """Whether this process wants requests."""

    stopping: bool = False
    """It has been told to end, and still takes what comes meanwhile."""


READINESS = web.AppKey("readiness", Readiness)
METRICS_TOKEN = web.AppKey("metrics_token", bytes)


def add_addresses(application: web.Application, metrics_token: Path | None) -> None:
    """
    The addresses of this file; that of the metrics only where there is a token.

    Raises `KeyMaterialError` when the token cannot be used.
    """
    application[READINESS] = Readiness()
    application.router.add_get("/healthz", healthz, name="healthz")
    application.router.add_get("/readyz", readyz, name="readyz")
    if metrics_token is not None:
        application[METRICS_TOKEN] = read_secret(metrics_token, "metrics_token")
        application.router.add_get("/metrics", show_metrics, name="metrics")


async def healthz(_request: web.Request) -> web.Response:
    """GET /healthz: the process answers."""
    return web.json_response({"status": "ok", "version": __version__})


async def readyz(request: web.Request) -> web.Response:
    """
    GET /readyz: 200 when requests are welcome, else 503 with the reasons.

    Anybody may ask, so a reason is a few words and names nothing of this machine.
    """
    reasons = []
    if request.app[READINESS].stopping:
        reasons.append("the gateway is stopping")
    try:
        async with asyncio.timeout(DATABASE_SECONDS), request.app[NODE].storage.read() as transaction:
            await transaction.health.all()
    except (StorageError, TimeoutError):
        reasons.append("the database does not answer")
    return web.json_response(
        {"status": "not ready" if reasons else "ready", "version": __version__, "reasons": reasons},
        status=503 if reasons else 200,
        headers={"Cache-Control": "no-store"},
    )


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
