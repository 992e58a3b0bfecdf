"""Reading what a request carries."""

import asyncio
import json
import re
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from gateway.errors import (
    BodyTooSlow,
    BodyUnreadable,
    DocumentTooLarge,
    MalformedRequest,
    WrongContentType,
)
from gateway.exchange.mailbox import MAX_WAIT_SECONDS
from gateway.web.places import PLACES, take_place
from gateway.web.unpacking import coding_of, unpack

XML_TYPES = frozenset({"application/xml", "text/xml"})
MAX_FIELDS = 8
"""Of a form, where nothing else is said."""
MAX_KEY = 200
"""Characters of an idempotency key; a UUID has 36."""
CURSOR = "[0-9A-Za-z_-]{0,64}"
"""What a cursor looks like: the `next` of a page, which is an id."""
MAX_PAGE = 200
"""Items of one page; a larger wish is cut to this."""


async def read_xml(request: web.Request) -> bytes:
    """
    The XML body of a request, as bytes.

    Raises `WrongContentType` and what `_read` raises; a body over the limit ends as `DocumentTooLarge`, if
    need be in the middleware.
    """
    if request.content_type not in XML_TYPES:
        raise WrongContentType(
            f"the body is declared as {request.content_type}; this address takes XML",
            advice="send the header: Content-Type: application/xml",
        )
    return await _read(request)


async def read_form(request: web.Request, most: int) -> dict[str, str]:
    """
    The fields of a form, by name; of a repeated field the first counts.

    Raises what `read_fields` raises.
    """
    return dict(reversed(await read_fields(request, most)))


async def read_fields(request: web.Request, most: int, fields: int = MAX_FIELDS) -> list[tuple[str, str]]:
    """
    The fields of a form that a page sends, as they come; `fields` of them at the most.

    Raises `WrongContentType`, `DocumentTooLarge` for more than `most` bytes, or `MalformedRequest`.
    """
    if request.content_type != "application/x-www-form-urlencoded":
        raise WrongContentType(
            f"the body is declared as {request.content_type}; this address takes a form",
            advice="send the header: Content-Type: application/x-www-form-urlencoded",
        )
    body = await _read(request)
    if len(body) > most:
        raise DocumentTooLarge(
            f"the form is larger than {most:,} bytes", advice="send less at once: one code, fewer rows"
        )
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=fields)
    except ValueError:
        raise MalformedRequest("the form cannot be read", advice="use the page that it belongs to") from None


async def _read(request: web.Request) -> bytes:
    """
    The bytes of the body, decompressed when the caller compressed them.

    Raises `GatewayBusy` before anything is read when there is no place for it, `BodyTooSlow` when it does not
    come in time, `BodyUnreadable` when it breaks off or is not compressed as declared,
    `WrongContentEncoding`, or `DocumentTooLarge`.
    """
    coding = coding_of(",".join(request.headers.getall("Content-Encoding", [])))
    take_place(request, compressed=bool(coding))
    seconds = request.app[PLACES].body_seconds
    try:
        async with asyncio.timeout(seconds):
            if coding:
                return await unpack(request.content.iter_any(), coding, request.client_max_size)
            return await request.read()
    except TimeoutError:
        raise BodyTooSlow(
            f"the body did not come within {seconds:g} s", advice="send it again, over a faster line"
        ) from None
    except (web.RequestPayloadError, ConnectionError) as error:
        raise BodyUnreadable(
            "the body breaks off, or is not sent as its headers say", advice="send it again"
        ) from error


async def read_json_bytes(request: web.Request) -> bytes:
    """The JSON body of a request, not yet read; raises `WrongContentType` and what `_read` raises."""
    if request.content_type != "application/json":
        raise WrongContentType(
            f"the body is declared as {request.content_type}; this address takes JSON",
            advice="send the header: Content-Type: application/json",
        )
    return await _read(request)


async def read_json(request: web.Request, *fields: str) -> dict[str, str]:
    """
    The JSON object of a request, with exactly `fields`, all text.

    Raises `WrongContentType` or `MalformedRequest`.
    """
    data = await read_json_bytes(request)
    wanted = "{" + ", ".join(f'"{name}": "..."' for name in fields) + "}"
    try:
        body: Any = json.loads(data)
    except (ValueError, RecursionError):
        raise MalformedRequest("the body is not JSON", advice=f"send {wanted}") from None
    if not isinstance(body, dict) or set(body) != set(fields):
        raise MalformedRequest(
            f"the body must be an object with {', '.join(fields)}", advice=f"send {wanted}"
        )
    for name in fields:
        if not isinstance(body[name], str):
            raise MalformedRequest(f"{name} must be text", advice=f"send {wanted}")
    return body


def read_key(request: web.Request) -> str:
    """
    The idempotency key of a request that creates something; empty when the caller gives none.

    Raises `MalformedRequest`.
    """
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > MAX_KEY or not key.isprintable():
        raise MalformedRequest(
            f"the idempotency key must have at most {MAX_KEY} printable characters", advice="use a UUID"
        )
    return key


def read_limit(request: web.Request) -> int:
    """
    The page size that the query asks for.

    Raises `MalformedRequest`.
    """
    return _read_number(request, "limit", default=50, least=1, most=MAX_PAGE)


def read_after(request: web.Request) -> str:
    """
    The cursor that the query gives; empty for the first page.

    Raises `MalformedRequest` for what no page has given.
    """
    return read_cursor(request.query.get("after", ""), "after")


def read_cursor(text: str, name: str = "before") -> str:
    """A cursor as a page gave it, or nothing; raises `MalformedRequest`."""
    if not re.fullmatch(CURSOR, text):
        raise MalformedRequest(
            f"{name} is no cursor of this gateway",
            advice="give the `next` of the page before, or nothing for the first page",
        )
    return text


def read_wait(request: web.Request) -> int:
    """
    The seconds that the query wants to wait while there is nothing to tell; 0 when it says nothing.

    Raises `MalformedRequest`.
    """
    return _read_number(request, "wait", default=0, least=0, most=MAX_WAIT_SECONDS)


def _read_number(request: web.Request, name: str, *, default: int, least: int, most: int) -> int:
    """A whole number of the query; one that is more than `most` counts as that."""
    text = request.query.get(name, str(default))
    if not text.isascii() or not text.isdigit() or int(text[:9]) < least:
        raise MalformedRequest(
            f"{name} must be a whole number of {least} or more", advice=f"for example ?{name}={most}"
        )
    return min(int(text[:9]), most)
