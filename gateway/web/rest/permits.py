"""Permits: an authority hands one over, follows it, and customs ask about it."""

from typing import Any

from aiohttp import web

from gateway.exchange.records import DeliveryRecord, Submission
from gateway.flows.check import Validity, check
from gateway.flows.follow import Followed, follow, receipt_of
from gateway.flows.issue import issue
from gateway.permits.identity import PermitRef
from gateway.permits.model import Line
from gateway.permits.scopes import Scope
from gateway.web.auth import caller_of
from gateway.web.bodies import read_json, read_key, read_xml
from gateway.web.caching import answer_cached
from gateway.web.keys import NODE, TRAIL
from gateway.xmlio.canonical import sha256_hex


async def submit(request: web.Request) -> web.Response:
    """
    POST /api/v1/permits: take a permit as XML.

    Answers 202 with the submission and its deliveries; 200 when this permit was submitted before.
    """
    caller = await caller_of(request, Scope.SUBMIT)
    key = read_key(request)
    issued = await issue(await read_xml(request), caller, key, request.app[NODE], request[TRAIL])
    body = _submission(issued.submission) | {
        "repeated": issued.repeated,
        "deliveries": [_delivery(delivery) for delivery in issued.deliveries],
    }
    return web.json_response(
        body,
        status=200 if issued.repeated else 202,
        headers={"Location": f"/api/v1/submissions/{issued.submission.id}"},
    )


async def show_submission(request: web.Request) -> web.Response:
    """GET /api/v1/submissions/ID: what became of a permit that the caller submitted."""
    caller = await caller_of(request, Scope.RECEIPTS)
    submission, followed = await follow(caller, request.match_info["id"], request.app[NODE])
    return web.json_response(_submission(submission) | {"deliveries": [_followed(each) for each in followed]})


async def show_receipt(request: web.Request) -> web.Response:
    """GET /api/v1/deliveries/ID/receipt: the partner's signed receipt, exactly as it came."""
    caller = await caller_of(request, Scope.RECEIPTS)
    receipt = await receipt_of(caller, request.match_info["id"], request.app[NODE])
    return answer_cached(request, receipt, "application/xml", sha256_hex(receipt))


async def validity(request: web.Request) -> web.Response:
    """POST /api/v1/permits/validity with issuer and number: is this permit genuine and valid now?"""
    caller = await caller_of(request, Scope.CHECK)
    asked = await read_json(request, "issuer", "number")
    answer = await check(
        PermitRef.of(asked["issuer"], asked["number"]), caller, request.app[NODE], request[TRAIL]
    )
    return web.json_response(_validity(answer))


def _submission(submission: Submission) -> dict[str, Any]:
    """The JSON shape of a submission."""
    return {
        "id": submission.id,
        "issuer": submission.permit.issuer,
        "number": submission.permit.number,
        "digest": submission.digest,
        "submitted_at": submission.created_at.isoformat(),
        "findings": [finding.as_dict() for finding in submission.findings],
    }


def _delivery(delivery: DeliveryRecord) -> dict[str, Any]:
    """The JSON shape of a delivery."""
    return {
        "id": delivery.id,
        "recipient": str(delivery.recipient),
        "partner": delivery.partner or None,
        "message_id": delivery.message_id or None,
        "state": delivery.state.value,
        "waits_since": delivery.created_at.isoformat() if not delivery.state.settled else None,
        "attempts": delivery.attempts,
        "settled_at": delivery.settled_at.isoformat() if delivery.settled_at else None,
        "error_code": delivery.error_code or None,
        "error": delivery.error or None,
    }


def _followed(followed: Followed) -> dict[str, Any]:
    """A delivery with every attempt."""
    return _delivery(followed.delivery) | {
        "history": [
            {
                "started_at": attempt.started_at.isoformat(),
                "seconds": round(attempt.seconds, 3),
                "outcome": attempt.outcome,
                "error": attempt.error or None,
            }
            for attempt in followed.attempts
        ]
    }


def _validity(answer: Validity) -> dict[str, Any]:
    """The JSON shape of an answer to customs."""
    permit = answer.permit
    return {
        "issuer": answer.ref.issuer,
        "number": answer.ref.number,
        "known": answer.known,
        "valid": answer.valid,
        "signature": answer.signature.as_dict() if answer.signature else None,
        "status": answer.standing.status.value if answer.standing else None,
        "type": permit.type_code if permit else None,
        "exporter": permit.exporter_country if permit else None,
        "importer": permit.importer_country if permit else None,
        "issued_at": permit.issued_at.isoformat() if permit and permit.issued_at else None,
        "valid_from": permit.valid_from.isoformat() if permit and permit.valid_from else None,
        "valid_until": permit.valid_until.isoformat() if permit and permit.valid_until else None,
        "received_at": answer.record.received_at.isoformat() if answer.record else None,
        "digest": answer.record.digest if answer.record else None,
        "lines": [_line(line) for line in permit.lines] if permit else [],
        "reasons": list(answer.reasons),
        "answered_at": answer.asked_at.isoformat(),
    }


def _line(line: Line) -> dict[str, Any]:
    """One line of a permit; the quantity is text, because a decimal must not become a float."""
    quantity = line.quantity
    return {
        "line": line.letter,
        "scientific_name": line.scientific_name,
        "common_name": line.common_name or None,
        "description": line.description or None,
        "term": line.term or None,
        "appendix": line.appendix,
        "source": line.source_code,
        "quantity": str(quantity.value) if quantity else None,
        "unit": (quantity.unit or None) if quantity else None,
    }
