"""An officer has a document checked; nothing of it is kept."""

from aiohttp import web

from gateway.flows.examine_document import examine_document
from gateway.web.console.drawing import draw, language_for
from gateway.web.console.permits.findings import values_of
from gateway.web.console.viewer import FILES, FORM
from gateway.web.keys import NODE


async def show(request: web.Request) -> web.Response:
    """GET /console/check: the empty form."""
    return draw(request, "check_document.html.j2", pasted="", examination=None)


async def check(request: web.Request) -> web.Response:
    """
    POST /console/check with a file or with pasted XML: what is wrong with it.

    The file counts when both are there. Neither stored nor logged.
    """
    form, files = request[FORM], request[FILES]
    uploaded, pasted = files.get("file"), form.get("xml", "")
    if uploaded is not None and uploaded.data:
        data, name, pasted = uploaded.data, uploaded.name, ""
    else:
        # A browser sends the lines of a text area with CR LF, whatever they were.
        data, name = pasted.replace("\r\n", "\n").encode(), ""
    if not data.strip():
        return draw(request, "check_document.html.j2", pasted=pasted, examination=None)
    examination = await examine_document(data, name, request.app[NODE])
    return draw(
        request,
        "check_document.html.j2",
        pasted=pasted,
        **values_of(examination, data, language_for(request)),
    )
