"""Reading a form that carries files."""

import asyncio
from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from gateway.errors import BodyTooSlow, BodyUnreadable, DocumentTooLarge, MalformedRequest, WrongContentType
from gateway.web.places import PLACES, take_place
from gateway.xmlio.text import one_line

MAX_PARTS = 16
"""Of a form with a file; ours has three."""
MAX_NAME = 200
"""Characters of the name of a file that are kept, for people."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file of a form, in memory and nowhere else."""

    name: str
    """As the browser calls it; only to be shown."""
    data: bytes


async def read_upload(request: web.Request) -> tuple[list[tuple[str, str]], dict[str, Uploaded]]:
    """
    The fields of a form and its files, by field; together they are not longer than any other body.

    Raises `GatewayBusy` before anything is read when there is no place for it, `WrongContentType`,
    `DocumentTooLarge`, `BodyTooSlow`, `BodyUnreadable` and `MalformedRequest`.
    """
    if request.content_type != "multipart/form-data":
        raise WrongContentType(
            f"the body is declared as {request.content_type}; this address takes a form with a file",
            advice="send the header: Content-Type: multipart/form-data",
        )
    take_place(request, compressed=False)
    seconds = request.app[PLACES].body_seconds
    try:
        async with asyncio.timeout(seconds):
            return await _parts(request)
    except TimeoutError:
        raise BodyTooSlow(
            f"the body did not come within {seconds:g} s", advice="send it again, over a faster line"
        ) from None
    except (web.RequestPayloadError, ConnectionError, ValueError, AssertionError) as error:
        raise BodyUnreadable(
            "the form breaks off, or is not sent as its headers say", advice="send it again"
        ) from error


async def _parts(request: web.Request) -> tuple[list[tuple[str, str]], dict[str, Uploaded]]:
    """Every part of the form, read into memory."""
    fields: list[tuple[str, str]] = []
    files: dict[str, Uploaded] = {}
    left = request.client_max_size
    reader = await request.multipart()
    for _ in range(MAX_PARTS):
        part = await reader.next()
        if part is None:
            return fields, files
        if not isinstance(part, BodyPartReader) or not part.name:
            raise MalformedRequest(
                "a part of the form is no field", advice="use the page that the form belongs to"
            )
        data = await _within(part, left)
        left -= len(data)
        if part.filename is None:
            fields.append((part.name, data.decode("utf-8")))
        else:
            files.setdefault(part.name, Uploaded(one_line(part.filename)[:MAX_NAME], data))
    raise MalformedRequest(
        f"the form has more than {MAX_PARTS} fields", advice="use the page that the form belongs to"
    )


async def _within(part: BodyPartReader, most: int) -> bytes:
    """The bytes of one part; raises `DocumentTooLarge` as soon as there are more than `most`."""
    data = bytearray()
    while chunk := await part.read_chunk():
        data += chunk
        if len(data) > most:
            raise DocumentTooLarge(
                "the file is larger than this gateway takes",
                advice="a permit of 500 lines needs less than 1 MB: send one permit at a time",
            )
    return bytes(data)
