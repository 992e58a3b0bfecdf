"""The page for whoever holds a printed permit: paste or scan its QR code. No login, and nothing is kept."""

from aiohttp import web

from gateway.flows.check_statement import STATEMENT_CEILING, check_statement
from gateway.flows.status_lists import Issuers
from gateway.rendering.statement_page import page_file, statement_page, warm
from gateway.rendering.statement_view import view_of
from gateway.web.bodies import read_form
from gateway.web.keys import NODE
from gateway.web.language import language_of
from gateway.web.status_folder import STATUS_LISTS

MAX_FORM = 16 * 1024
"""Bytes of the form; the largest QR code has 2,953, which a browser writes as three times as many at most."""

__all__ = ["MAX_FORM", "answer", "show_page", "show_script", "show_style", "warm"]

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; media-src 'self' blob:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


async def show_page(request: web.Request) -> web.Response:
    """GET /check: the empty form."""
    return _page(statement_page(language := language_of(request)), language)


async def answer(request: web.Request) -> web.Response:
    """
    POST /check with the text of a code: the verdict as a page.

    The statement travels in the body, never in an address, and is neither stored nor logged. Raises what
    `read_form` raises.
    """
    node, language = request.app[NODE], language_of(request)
    text = (await read_form(request, MAX_FORM)).get("statement", "")
    issuers = Issuers.of(node)
    lists = await request.app[STATUS_LISTS].lists(issuers)
    report = check_statement(text, issuers, lists, at=node.clock.now())
    shown = text if len(text) <= STATEMENT_CEILING.text else ""
    return _page(statement_page(language, text=shown, view=view_of(report, language)), language)


async def show_style(_request: web.Request) -> web.Response:
    """GET /check.css: the style sheet of the page."""
    return web.Response(text=page_file("check.css"), content_type="text/css", headers=_HEADERS)


async def show_script(_request: web.Request) -> web.Response:
    """GET /check.js: the camera of the page."""
    return web.Response(text=page_file("check.js"), content_type="text/javascript", headers=_HEADERS)


def _page(text: str, language: str) -> web.Response:
    """A page with its headers."""
    headers = _HEADERS | {"Content-Language": language, "Vary": "Accept-Language"}
    return web.Response(text=text, content_type="text/html", charset="utf-8", headers=headers)
