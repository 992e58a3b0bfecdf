"""What becomes of permits: customs write off, authorities change a status, both look at the ledger."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from aiohttp import web

from gateway.errors import MalformedRequest
from gateway.flows.give_notice import Draft, Given, give_notice
from gateway.flows.ledger_shapes import known_as_dict, notice_as_dict
from gateway.flows.look import look
from gateway.permits.identity import AuthorityId, PermitRef, Role
from gateway.permits.notices import (
    Endorsement,
    Notice,
    PermitStatus,
    Reversal,
    Side,
    StatusChange,
    WrittenOff,
)
from gateway.permits.quantities import Quantity
from gateway.web.auth import caller_of
from gateway.web.bodies import read_json, read_key
from gateway.web.json_body import JsonBody, amount, read_object
from gateway.web.keys import NODE, TRAIL

Word = TypeVar("Word", bound=StrEnum)

_ENDORSEMENT = {
    "issuer": "CH",
    "number": "CH-2026-000123",
    "side": "export",
    "on": "2026-11-24",
    "office": "CH002571",
    "lines": [{"line": "A", "quantity": "100"}],
    "officer": "",
    "customs_document": "",
    "customs_document_type": "",
    "transport_document": "",
    "remarks": "",
}
_LINE = {"line": "A", "quantity": "100", "unit": "NAR", "dead": "0"}
_REVERSAL = {"issuer": "CH", "number": "CH-2026-000123", "endorsement": "ID", "reason": "why"}
_CHANGE = {
    "issuer": "CH",
    "number": "CH-2026-000123",
    "status": "cancelled",
    "reason": "why",
    "replaced_by": "",
}


async def endorse(request: web.Request) -> web.Response:
    """POST /api/v1/permits/endorsements: what crossed in one consignment. 201; 200 for a repetition."""
    caller = await caller_of(request, Role.CUSTOMS)
    body = await read_object(request, _ENDORSEMENT, required=6)
    fields = {
        "side": _word(Side, body, "side"),
        "on": _day(body, "on"),
        "lines": tuple(_written_off(line) for line in body.objects("lines", _LINE, required=2)),
        **{name: body.text(name) for name in list(_ENDORSEMENT)[6:]},
        "office": body.text("office"),
    }
    return await _given(request, body, caller, partial(_drafted, Endorsement, fields))


async def reverse(request: web.Request) -> web.Response:
    """POST /api/v1/permits/endorsements/reversals: it was a mistake. 201; 200 for a repetition."""
    caller = await caller_of(request, Role.CUSTOMS)
    body = await read_object(request, _REVERSAL, required=4)
    fields = {"reverses": body.text("endorsement"), "reason": body.text("reason")}
    return await _given(request, body, caller, partial(_drafted, Reversal, fields))


async def change_status(request: web.Request) -> web.Response:
    """POST /api/v1/permits/status: where a permit stands from now on. 201; 200 for a repetition."""
    caller = await caller_of(request, Role.MA, Role.CUSTOMS)
    body = await read_object(request, _CHANGE, required=4)
    fields = {
        "status": _word(PermitStatus, body, "status"),
        "reason": body.text("reason"),
        "replaced_by": body.text("replaced_by"),
    }
    return await _given(request, body, caller, partial(_drafted, StatusChange, fields))


async def show_ledger(request: web.Request) -> web.Response:
    """POST /api/v1/permits/ledger with issuer and number: what became of a permit."""
    caller = await caller_of(request, Role.MA, Role.CUSTOMS)
    asked = await read_json(request, "issuer", "number")
    node = request.app[NODE]
    known = await look(PermitRef.of(asked["issuer"], asked["number"]), caller, node, request[TRAIL])
    return web.json_response(known_as_dict(known, node.clock.now()))


def _drafted(
    kind: Callable[..., Notice],
    fields: Mapping[str, Any],
    ref: PermitRef,
    new_id: str,
    by: AuthorityId,
    at: datetime,
) -> Notice:
    """A notice from what the request says and what the flow adds."""
    return kind(new_id, ref, by, at, **fields)


async def _given(
    request: web.Request,
    body: JsonBody,
    caller: AuthorityId,
    drafted: Callable[[PermitRef, str, AuthorityId, datetime], Notice],
) -> web.Response:
    """Take the notice and answer with it and with the balance that follows."""
    node, ref = request.app[NODE], PermitRef.of(body.text("issuer"), body.text("number"))
    draft: Draft = partial(drafted, ref)
    given = await give_notice(draft, ref, caller, read_key(request), body.digest, node, request[TRAIL])
    return web.json_response(_answer(given, node.clock.now()), status=200 if given.repeated else 201)


def _answer(given: Given, at: datetime) -> dict[str, Any]:
    """The JSON shape of what was taken."""
    return {
        **notice_as_dict(given.notice),
        "repeated": given.repeated,
        "unreached": [finding.as_dict() for finding in given.unreached],
        "permit": known_as_dict(given.known, at),
    }


def _written_off(line: JsonBody) -> WrittenOff:
    """One line of an endorsement."""
    unit = line.text("unit") or None
    dead = line.text("dead")
    return WrittenOff(
        line.text("line"),
        Quantity(amount("quantity", line.text("quantity")), unit),
        amount("dead", dead) if dead else amount("dead", "0"),
    )


def _word(words: type[Word], body: JsonBody, name: str) -> Word:
    """One of a few words; raises `MalformedRequest`."""
    try:
        return words(body.text(name))
    except ValueError:
        raise MalformedRequest(
            f"{name} is {body.text(name)[:50]!r}", advice=f"write one of {', '.join(words)}"
        ) from None


def _day(body: JsonBody, name: str) -> date:
    """A day; raises `MalformedRequest`."""
    try:
        return date.fromisoformat(body.text(name))
    except ValueError:
        raise MalformedRequest(
            f"{name} is {body.text(name)[:50]!r}, which is no day", advice="write it as 2026-11-24"
        ) from None
