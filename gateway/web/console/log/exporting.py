"""Entries of the log leave as a file, piece by piece, however many there are."""

from dataclasses import replace

from aiohttp import web

from gateway.flows.export_log import export_log
from gateway.flows.keep_search import find_search
from gateway.messagelog.files import FileFormat
from gateway.messagelog.query import LogQuery
from gateway.web.bodies import read_cursor
from gateway.web.console.asking import one_of, person
from gateway.web.console.door import HEADERS
from gateway.web.console.log.searching import visible_to
from gateway.web.console.viewer import FORM
from gateway.web.keys import NODE, TRAIL


async def export(request: web.Request) -> web.StreamResponse:
    """
    POST /console/log/export with a format and perhaps a kept search: all that matches, as a download.

    Who takes what is in the log before the first byte leaves. When something fails in the middle, the
    connection is broken off, so that nobody takes half a file for a whole one. Raises `NotFound`.
    """
    node, form = request.app[NODE], request[FORM]
    format_: FileFormat = one_of(FileFormat, form.get("format", "")) or FileFormat.CSV
    query = LogQuery()
    if search_id := read_cursor(form.get("search", ""), "search"):
        query = (await find_search(search_id, person(request).id, node)).query
    pieces = export_log(replace(query, visible_to=visible_to(request)), format_, node, request[TRAIL])
    first = await anext(pieces)
    answer = web.StreamResponse(
        headers={**HEADERS, "Content-Disposition": f'attachment; filename="log.{format_}"'}
    )
    answer.headers["Content-Type"] = format_.media_type
    await answer.prepare(request)
    await answer.write(first)
    async for piece in pieces:
        await answer.write(piece)
    await answer.write_eof()
    return answer
