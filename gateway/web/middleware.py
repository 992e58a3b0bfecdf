"""What happens around every request: a correlation id, and errors that become answers and log entries."""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from gateway import clock
from gateway.errors import (
    DocumentTooLarge,
    GatewayError,
    InternalError,
    MalformedRequest,
    NotFound,
    TooManyRequests,
    WrongMethod,
)
from gateway.flows.ports import Trail
from gateway.flows.refuse import record_refusal
from gateway.web.keys import CORRELATION, NODE, SPEAKER, TRAIL
from gateway.web.problems import problem

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

logger = structlog.get_logger(__name__)

HEADER = "X-Correlation-ID"
_USABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""What we take over from a caller: nothing that could break a log line."""


NO_DOOR = "unknown"
"""The door of a request whose address or method does not exist: its path may hold anything."""


@web.middleware
async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tell the metrics how long a request took, whatever became of it."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    try:
        return await handler(request)
    finally:
        request.app[NODE].metrics.answered(_door(request), loop.time() - begin)


@web.middleware
async def correlate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give each request an id, or keep the caller's, and send it back."""
    offered = request.headers.get(HEADER, "")
    request[CORRELATION] = offered if _USABLE.fullmatch(offered) else clock.new_id()
    request[TRAIL] = Trail(correlation_id=request[CORRELATION])
    with structlog.contextvars.bound_contextvars(correlation_id=request[CORRELATION]):
        response = await handler(request)
    response.headers[HEADER] = request[CORRELATION]
    return response


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into problem+json and an entry of the message log; nothing escapes as a traceback."""
    try:
        return await handler(request)
    except GatewayError as error:
        return await _refuse(request, error)
    except web.HTTPException as error:
        return await _refuse(request, _from_aiohttp(request, error))
    except Exception:  # noqa: BLE001 - the last door: nothing may escape it
        _note(logger.exception, "unexpected_error")
        return await _refuse(
            request,
            InternalError(
                "the gateway made a mistake",
                advice="send the same again, nothing is done twice; tell the operator the correlation id",
            ),
        )


async def _refuse(request: web.Request, error: GatewayError) -> web.StreamResponse:
    """
    Log and answer a refusal; a log that fails does not stop the answer (promise 9).

    Who asks too often fills the metrics and the running log, but not the message log, which is kept.
    """
    try:
        if not isinstance(error, TooManyRequests):
            await record_refusal(error, request.app[NODE], request[TRAIL])
    except GatewayError as failed:
        _note(logger.error, "refusal_not_logged", refused=error.code, code=failed.code)
    _note(logger.info, "refused", code=error.code, door=request.match_info.route.name or "")
    request.app[NODE].metrics.refused(_door(request), request[TRAIL].partner, error.code)
    speaker = request.get(SPEAKER)
    return problem(error, request[CORRELATION]) if speaker is None else speaker.tell(request, error)


def _door(request: web.Request) -> str:
    """The name of the address, never its path."""
    return request.match_info.route.name or NO_DOOR


def _note(write: Callable[..., object], event: str, **fields: str) -> None:
    """Write to the gateway's own log; one that fails does not stop the answer (promise 9)."""
    with contextlib.suppress(Exception):
        write(event, **fields)


def _from_aiohttp(request: web.Request, error: web.HTTPException) -> GatewayError:
    """The framework's own refusals in our words; the path is not repeated, it may hold anything."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        return WrongMethod(
            f"this address does not take {request.method}",
            advice=f"use {' or '.join(sorted(error.allowed_methods))}",
            allowed=sorted(error.allowed_methods),
        )
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return DocumentTooLarge(
            "the body is larger than this gateway takes",
            advice="a permit of 500 lines needs less than 1 MB: send one permit at a time",
        )
    if isinstance(error, web.HTTPNotFound):
        return NotFound("there is nothing at this address", advice="see docs/api.md for the addresses")
    return MalformedRequest(f"the request cannot be handled: {error.reason}")
