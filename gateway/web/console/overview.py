"""What needs somebody now."""

from aiohttp import web

from gateway.people.rights import Right
from gateway.web.console.drawing import draw
from gateway.web.console.page import Page


async def show(request: web.Request) -> web.Response:
    """GET /console: the first page."""
    return draw(request, "overview.html.j2")


PAGES = (Page("GET", "/console", "console-overview", show, right=Right.SEE_OVERVIEW),)
