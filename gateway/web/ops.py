"""For those who keep the gateway running."""

from aiohttp import web

from gateway import __version__


async def healthz(_request: web.Request) -> web.Response:
    """GET /healthz: the process answers."""
    return web.json_response({"status": "ok", "version": __version__})
