"""A permit as the form of the Convention: a page or a PDF."""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from gateway.errors import NotAcceptable
from gateway.flows.draw_form import draw_form
from gateway.permits.identity import PermitRef
from gateway.permits.scopes import Scope
from gateway.rendering.form import Form
from gateway.rendering.html import to_html
from gateway.rendering.pdf import to_pdf
from gateway.web.auth import caller_of
from gateway.web.bodies import read_json
from gateway.web.keys import NODE, TRAIL
from gateway.web.language import language_of

HTML, PDF = "text/html", "application/pdf"


async def show(request: web.Request) -> web.Response:
    """POST /api/v1/permits/form with issuer and number: the permit drawn, as `Accept` asks (else a page)."""
    caller = await caller_of(request, Scope.FORM)
    asked = await read_json(request, "issuer", "number")
    kind, draw = _chosen(request.headers.get("Accept", ""))
    language = language_of(request)
    ref = PermitRef.of(asked["issuer"], asked["number"])
    data = await draw_form(ref, caller, language, draw, request.app[NODE], request[TRAIL])
    return web.Response(
        body=data,
        content_type=kind,
        charset="utf-8" if kind == HTML else None,
        headers={
            "Cache-Control": "no-store",
            "Content-Language": language,
            "Content-Security-Policy": "sandbox",
            "Vary": "Accept, Accept-Language",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _chosen(accept: str) -> tuple[str, Callable[[Form, datetime], bytes]]:
    """Kind and maker of the drawing; of two that are accepted, the one that is named first."""
    for part in accept.lower().split(","):
        kind = part.partition(";")[0].strip()
        if kind == PDF:
            return PDF, lambda form, at: to_pdf(form, created=at)
        if kind in (HTML, "text/*", "*/*", ""):
            return HTML, lambda form, _: to_html(form).encode()
    raise NotAcceptable(
        "a form is drawn as a page or as a PDF only", advice=f"send the header: Accept: {PDF}, or {HTML}"
    )
