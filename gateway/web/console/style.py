"""The style sheet of the console: the only thing that a page loads."""

from aiohttp import web

from gateway.web.console.drawing import style
from gateway.web.console.page import Page


async def show(_request: web.Request) -> web.Response:
    """GET /console/style.css."""
    return web.Response(text=style(), content_type="text/css", headers={"Cache-Control": "max-age=300"})


PAGES = (Page("GET", "/console/style.css", "console-style", show, right=None),)
