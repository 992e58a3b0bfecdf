"""One entry of the log: all its fields, its place in the tree, and its proof."""

from aiohttp import web

from gateway.errors import NotFound, ProofRefused
from gateway.flows.proof_shapes import proofs_as_dict
from gateway.flows.prove import prove_entries
from gateway.flows.read_log_tree import EntryPlace, place_of
from gateway.flows.search_log import find_entry
from gateway.messagelog.entry import Entry
from gateway.messagelog.query import LogQuery
from gateway.people.rights import Right
from gateway.permits.identity import PermitRef
from gateway.web.console.asking import an_id, person
from gateway.web.console.drawing import draw
from gateway.web.console.log.searching import visible_to
from gateway.web.console.log.words import KINDS, TONES
from gateway.web.keys import NODE, TRAIL


async def show(request: web.Request) -> web.Response:
    """GET /console/log/ID; raises `NotFound`, also for an entry that does not concern the viewer."""
    entry, viewer = await _entry(request), person(request)
    place: EntryPlace | None = None
    refused: ProofRefused | None = None
    try:
        place = await place_of(entry, request.app[NODE])
    except ProofRefused as error:
        refused = error
    return draw(
        request,
        "log_entry.html.j2",
        entry=entry,
        kind=KINDS[entry.kind],
        tone=TONES[entry.kind],
        place=place,
        refused=refused,
        may_export=viewer.may(Right.EXPORT_LOG),
    )


async def proof(request: web.Request) -> web.Response:
    """GET /console/log/ID/proof: leaf, words, path and signed checkpoint as JSON; raises `ProofRefused`."""
    entry = await _entry(request)
    told = proofs_as_dict(await prove_entries([entry], request.app[NODE]), None)
    name = f"proof-{entry.id}.json"
    return web.json_response(told, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def _entry(request: web.Request) -> Entry:
    """The entry of the address, if the viewer may see it; what is about a permit is noted as a look at it."""
    entry_id = an_id(request.match_info["id"])
    entry = await find_entry(entry_id, LogQuery(visible_to=visible_to(request)), request.app[NODE])
    if entry is None:
        raise NotFound(
            "there is no such entry in the log, or it concerns none of your authorities",
            advice="search the log",
        )
    if entry.issuer and entry.number:
        request[TRAIL].permit = PermitRef(entry.issuer, entry.number)
    request[TRAIL].message_id = entry.message_id
    return entry
