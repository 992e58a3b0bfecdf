"""Answers that a caller may keep: an ETag, and 304 without a body when the caller has them already."""

from aiohttp import web


def answer_cached(request: web.Request, body: bytes, content_type: str, digest: str) -> web.Response:
    """
    The body with its digest as ETag; 304 when If-None-Match names it (RFC 9110, 13.1.2).

    A caller asks each time: what somebody may see can change, and each look is logged where looks are.
    """
    headers = {
        "ETag": f'"{digest}"',
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    asked = request.if_none_match or ()
    if any(each.value in {digest, "*"} for each in asked):
        return web.Response(status=304, headers=headers)
    charset = None if content_type == "application/xml" else "utf-8"
    return web.Response(body=body, content_type=content_type, charset=charset, headers=headers)
