"""The API describes itself: for programs and for people."""

import json
from functools import cache

from aiohttp import web

from gateway.web.caching import answer_cached
from gateway.web.limits import count_stranger
from gateway.web.openapi.document import build
from gateway.web.openapi.page import policy, to_page
from gateway.xmlio.canonical import sha256_hex


async def show_document(request: web.Request) -> web.Response:
    """GET /api/v1/openapi.json: the OpenAPI 3.1 document; raises `TooManyRequests`."""
    count_stranger(request)
    return answer_cached(request, *_document())


async def show_page(request: web.Request) -> web.Response:
    """GET /api/v1/docs: the same as a page; raises `TooManyRequests`."""
    count_stranger(request)
    answer = answer_cached(request, *_page())
    answer.headers["Content-Security-Policy"] = policy()
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def warm() -> None:
    """Make both once, before anybody asks: templates are files."""
    _document()
    _page()


@cache
def _document() -> tuple[bytes, str, str]:
    """Bytes, content type and digest."""
    body = json.dumps(build(), ensure_ascii=False).encode()
    return body, "application/json", sha256_hex(body)


@cache
def _page() -> tuple[bytes, str, str]:
    """Bytes, content type and digest."""
    body = to_page(build()).encode()
    return body, "text/html", sha256_hex(body)
