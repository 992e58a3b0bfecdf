"""Permits: an authority hands one over, follows it, and customs ask about it."""

from typing import Any

from aiohttp import web

from gateway.exchange.records import DeliveryRecord, Submission
from gateway.flows.answer_question import signed_answer
from gateway.flows.check import check
from gateway.flows.follow import Followed, follow, receipt_of
from gateway.flows.issue import issue
from gateway.flows.validity_shape import validity_as_dict
from gateway.permits.identity import PermitRef
from gateway.permits.scopes import Scope
from gateway.web.auth import caller_of
from gateway.web.bodies import read_key, read_xml
from gateway.web.caching import answer_cached
from gateway.web.json_body import read_object
from gateway.web.keys import NODE, TRAIL
from gateway.web.language import language_of
from gateway.xmlio.canonical import sha256_hex

TOKEN_HEADER = "ECITES-Permit-Token"  # noqa: S105 - the name of a header
_QUESTION = {"issuer": "CH", "number": "CH-2026-000123", "token": ""}


async def submit(request: web.Request) -> web.Response:
    """
    POST /api/v1/permits: take a permit as XML.

    Answers 202 with the submission and its deliveries; 200 when this permit was submitted before.
    """
    caller = await caller_of(request, Scope.SUBMIT)
    key, token = read_key(request), request.headers.get(TOKEN_HEADER, "")
    issued = await issue(await read_xml(request), caller, key, request.app[NODE], request[TRAIL], token=token)
    body = _submission(issued.submission) | {
        "repeated": issued.repeated,
        "statement": issued.statement or None,
        "token": issued.token or None,
        "deliveries": [_delivery(delivery) for delivery in issued.deliveries],
    }
    return web.json_response(
        body,
        status=200 if issued.repeated else 202,
        headers={"Location": f"/api/v1/submissions/{issued.submission.id}", "Cache-Control": "no-store"},
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
    """
    POST /api/v1/permits/validity with issuer and number: is this permit genuine, and may it be used now?

    With `token` too, when the permit has one; it stands in the body, where no log of addresses sees it.
    With `Accept: application/xml` the same answer signed by this gateway, to be filed.
    """
    caller = await caller_of(request, Scope.CHECK)
    asked = await read_object(request, _QUESTION, required=2)
    ref, token = PermitRef.of(asked.text("issuer"), asked.text("number")), asked.text("token")
    answer = await check(ref, caller, request.app[NODE], request[TRAIL], token=token)
    language = language_of(request)
    headers = {"Content-Language": language, "Vary": "Accept, Accept-Language"}
    if "application/xml" in request.headers.get("Accept", ""):
        node, trail = request.app[NODE], request[TRAIL]
        data = signed_answer(answer, trail.correlation_id, caller, node, node.clock.now(), language)
        return web.Response(body=data, content_type="application/xml", headers=headers)
    return web.json_response(validity_as_dict(answer, language), headers=headers)


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
