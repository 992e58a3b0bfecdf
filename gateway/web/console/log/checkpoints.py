"""Checkpoints of the log, whether it has only grown between two of them, and whether all of it holds."""

from aiohttp import web

from gateway.errors import MalformedRequest, ProofRefused
from gateway.flows.make_checkpoint import make_checkpoint
from gateway.flows.proof_shapes import proofs_as_dict
from gateway.flows.prove import Growth
from gateway.flows.read_log_tree import find_checkpoint, growth_between, list_checkpoints, verify_in_turn
from gateway.flows.report_in_turn import Turn
from gateway.people.rights import Right
from gateway.web.console.asking import person
from gateway.web.console.drawing import draw, see_other
from gateway.web.keys import NODE
from gateway.wording import say

TURN = web.AppKey("verify-turn", Turn)
LIST = "/console/log/checkpoints"
NAMED = 20
"""Differences on the page; the first says most."""


async def show(request: web.Request) -> web.Response:
    """GET /console/log/checkpoints: the newest first."""
    before = _number(request.query["before"]) if "before" in request.query else None
    found, made = await list_checkpoints(before, request.app[NODE])
    return draw(
        request,
        "checkpoints.html.j2",
        found=found,
        made=made,
        report=None,
        may_export=person(request).may(Right.EXPORT_LOG),
    )


async def make(request: web.Request) -> web.Response:
    """POST /console/log/checkpoints: sign what the log is now."""
    note = await make_checkpoint(request.app[NODE])
    return see_other(f"{LIST}/{note.checkpoint.number}")


async def show_one(request: web.Request) -> web.Response:
    """GET /console/log/checkpoints/NUMBER: the signed text."""
    kept = await find_checkpoint(_number(request.match_info["number"]), request.app[NODE])
    return draw(request, "checkpoint.html.j2", kept=kept, text=kept.note.decode("utf-8", "replace"))


async def download(request: web.Request) -> web.Response:
    """GET /console/log/checkpoints/NUMBER/note: the same bytes as a file."""
    kept = await find_checkpoint(_number(request.match_info["number"]), request.app[NODE])
    name = f"checkpoint-{kept.number}.txt"
    return web.Response(
        body=kept.note,
        content_type="text/plain",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def growth(request: web.Request) -> web.Response:
    """GET /console/log/growth with two numbers: whether the log under the second begins with the first."""
    made: Growth | None = None
    refused: ProofRefused | None = None
    try:
        made = await _growth(request)
    except ProofRefused as error:
        refused = error
    return draw(
        request,
        "log_growth.html.j2",
        growth=made,
        refused=refused,
        first=request.query["first"],
        second=request.query["second"],
        query=request.query_string,
        may_export=person(request).may(Right.EXPORT_LOG),
    )


async def growth_file(request: web.Request) -> web.Response:
    """GET /console/log/growth.json with two numbers: the proof as a file; raises `ProofRefused`."""
    told = proofs_as_dict(None, await _growth(request))
    return web.json_response(told, headers={"Content-Disposition": 'attachment; filename="growth.json"'})


async def verify(request: web.Request) -> web.Response:
    """POST /console/log/verify: make the tree again from every entry, and say what is not as it was."""
    node, viewer = request.app[NODE], person(request)
    report = await verify_in_turn(request.app[TURN], node)
    found, made = await list_checkpoints(None, node)
    return draw(
        request,
        "checkpoints.html.j2",
        found=found,
        made=made,
        report=report,
        breaks=report.breaks[:NAMED] if not viewer.authorities else [],
        may_export=viewer.may(Right.EXPORT_LOG),
    )


async def _growth(request: web.Request) -> Growth:
    """What the address asks for."""
    first, second = _number(request.query.get("first", "")), _number(request.query.get("second", ""))
    return await growth_between(first, second, request.app[NODE])


def _number(text: str) -> int:
    """The number of a checkpoint; raises `MalformedRequest`."""
    if not (text.isascii() and text.isdigit() and len(text) <= len("999999999")):
        raise MalformedRequest(
            say("this is no number of a checkpoint"),
            advice=say("choose one of the list"),
        )
    return int(text)
