"""What becomes of permits: customs write off, authorities change a status, both look at the ledger."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from aiohttp import web

from gateway.errors import MalformedRequest
from gateway.flows.give_notice import Draft, Given, give_notice
from gateway.flows.known_permit import Known, find_known
from gateway.flows.look import look
from gateway.permits.identity import PermitRef, Role
from gateway.permits.ledger import Balance
from gateway.permits.lifecycle import in_order
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
from gateway.web.bodies import read_document, read_key
from gateway.web.keys import NODE, TRAIL

_ENDORSEMENT = {
    "issuer": "CH",
    "number": "CH-2026-000123",
    "side": "export",
    "on": "2026-11-24",
    "office": "CH002571",
    "officer": "",
    "customs_document": "",
    "customs_document_type": "",
    "transport_document": "",
    "remarks": "",
    "lines": [{"line": "A", "quantity": "100", "unit": "NAR", "dead": "0"}],
}
_REQUIRED = frozenset({"issuer", "number", "side", "on", "office", "lines"})
_CHANGE = {
    "issuer": "CH",
    "number": "CH-2026-000123",
    "status": "cancelled",
    "reason": "...",
    "replaced_by": "",
}


async def endorse(request: web.Request) -> web.Response:
    """POST /api/v1/permits/endorsements: one consignment, written off. 201; 200 for a repetition."""
    caller = await caller_of(request, Role.CUSTOMS)
    body, digest = await read_document(request, _ENDORSEMENT, _REQUIRED)
    lines = _lines(body["lines"])
    on, side = _day(body["on"]), _word(Side, body["side"], "side")

    def draft(new_id: str, by: Any, at: Any) -> Notice:
        return Endorsement(
            new_id,
            _ref(body),
            by,
            at,
            side=side,
            on=on,
            lines=lines,
            **{
                name: body[name]
                for name in _ENDORSEMENT
                if name not in ("issuer", "number", "side", "on", "lines")
            },
        )

    return await _given(request, draft, _ref(body), caller, digest)
