"""One file that proves a message and its receipt to a stranger."""

from aiohttp import web

from gateway.flows.author import Author
from gateway.flows.take_evidence import take_evidence
from gateway.people.rights import Right
from gateway.web.console.asking import an_id, boundary, person
from gateway.web.console.page import Page
from gateway.web.keys import NODE


async def download(request: web.Request) -> web.Response:
    """GET /console/evidence/ID of a message: the archive; the flow logs who took it."""
    message_id = an_id(request.match_info["id"])
    author = Author(person(request).name, "taken in the console")
    made = await take_evidence(message_id, boundary(request), author, request.app[NODE])
    name = f"evidence-{message_id}.zip"
    return web.Response(
        body=made.data,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


PAGES = (Page("GET", "/console/evidence/{id}", "console-evidence", download, Right.EXPORT_LOG),)
