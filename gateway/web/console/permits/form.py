"""The form of the Convention, as a page of the console and as a PDF."""

from aiohttp import web

from gateway.flows.draw_form import drawn
from gateway.flows.open_permit import OpenedPermit, open_document
from gateway.rendering.form import MARKS, Form
from gateway.rendering.html import lang, short, symbol, words_of
from gateway.rendering.pdf import to_pdf
from gateway.web.console.drawing import draw, language_for
from gateway.web.console.viewer import VIEWER
from gateway.web.keys import NODE, TRAIL


async def show(request: web.Request) -> web.Response:
    """GET /console/permits/ID/form; raises `NotFound`."""
    opened = await _opened(request)
    form: Form | None = None
    if (facts := opened.answer.facts) is not None:
        node = request.app[NODE]
        form = await drawn(
            opened.record, facts, language_for(request), lambda made, _: made, node, node.clock.now()
        )
    return draw(
        request,
        "permit_form.html.j2",
        opened=opened,
        form=form,
        words=words_of(form) if form else {},
        symbol=symbol(form) if form else None,
        marks=MARKS,
        lang=lang,
        short=short,
    )


async def pdf(request: web.Request) -> web.Response:
    """GET /console/permits/ID/form.pdf; raises `NotFound`."""
    opened = await _opened(request)
    if (facts := opened.answer.facts) is None:
        return await show(request)
    node = request.app[NODE]
    data = await drawn(
        opened.record,
        facts,
        language_for(request),
        lambda made, at: to_pdf(made, created=at),
        node,
        node.clock.now(),
    )
    name = f"permit-{opened.record.id}.pdf"
    return web.Response(
        body=data,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _opened(request: web.Request) -> OpenedPermit:
    """The permit, for somebody who may see its document."""
    boundary = request[VIEWER].person.authorities
    return await open_document(request.match_info["id"], boundary, request.app[NODE], request[TRAIL])
