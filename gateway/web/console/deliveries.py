"""Messages on their way: looking for them, and all about one."""

from collections.abc import Sequence
from dataclasses import replace

from aiohttp import web
from cryptography import x509

from gateway.errors import NotFound
from gateway.exchange.records import DeliveryRecord
from gateway.flows.look_at_delivery import SeenDelivery, SeenReceipt, look_at_delivery
from gateway.flows.operate import Act, find
from gateway.people.rights import Right
from gateway.signatures.keys import fingerprint
from gateway.web.console.asking import PAGE, address, an_id, boundary, is_private, person, typed
from gateway.web.console.delivery_form import FIELDS, query_of, state_choices
from gateway.web.console.delivery_words import ACTS, OUTCOMES, STATES, acts_on, advice_on
from gateway.web.console.drawing import draw, see_other
from gateway.web.console.page import Page
from gateway.web.console.viewer import FORM
from gateway.web.keys import NODE, TRAIL
from gateway.wording import Words, say

LIST = "/console/deliveries"


async def show_list(request: web.Request) -> web.Response:
    """GET /console/deliveries: a page of those that fit what stands in the address."""
    return await _list(request, typed(request, FIELDS), request.query.get("after", ""))


async def search(request: web.Request) -> web.Response:
    """
    POST /console/deliveries: what was typed goes into the address, but for the number of a permit.

    A search for one is answered at once, and its next page is asked for with the same form.
    """
    fields = typed(request, FIELDS)
    if not is_private(fields):
        query_of(fields, boundary(request), request.app[NODE].clock.now())
        return see_other(address(LIST, fields))
    return await _list(request, fields, request[FORM].get("after", ""))


async def _list(request: web.Request, fields: dict[str, str], after: str) -> web.Response:
    """A page of deliveries, the newest first."""
    node = request.app[NODE]
    query = query_of(fields, boundary(request), node.clock.now())
    query = replace(query, newest_first=True, after=an_id(after), limit=PAGE + 1)
    found = await find(query, node)
    page = found[:PAGE]
    following = page[-1].id if len(found) > PAGE else ""
    return draw(
        request,
        "deliveries.html.j2",
        fields=fields,
        partners=[("", say("any")), *((name, name) for name in sorted(node.directory.partners))],
        states=state_choices(),
        searched=any(fields.values()),
        records=page,
        meanings=STATES,
        after=after,
        following=following,
        next_address="" if is_private(fields) or not following else address(LIST, fields, after=following),
        acts=_offered(request, page),
        done=done_note(request),
    )


def _offered(request: web.Request, page: Sequence[DeliveryRecord]) -> list[tuple[str, Words]]:
    """The acts that can be chosen for some on this page, when the viewer may act at all."""
    if not person(request).may(Right.ACT_ON_MESSAGES):
        return []
    possible = {act for record in page for act in acts_on(record)}
    return [(act.value, ACTS[act][0]) for act in Act if act in possible]


def done_note(request: web.Request) -> Words | None:
    """What the act before this page has done, told once; nothing else that stands in the address is."""
    act, counts = request.query.get("done", ""), (request.query.get("count", ""), request.query.get("of", ""))
    if act not in set(Act) or not all(each.isascii() and each.isdigit() and len(each) < 9 for each in counts):  # noqa: PLR2004
        return None
    name, (count, of) = ACTS[Act(act)][0], counts
    if count == of:
        return say("Done: {act}. Deliveries: {count}.", act=name, count=count)
    return say(
        "Done: {act}. Deliveries: {count}; {others} had changed meanwhile and stayed as they are.",
        act=name,
        count=count,
        others=max(0, int(of) - int(count)),
    )


async def show_one(request: web.Request) -> web.Response:
    """GET /console/deliveries/{id}: all about one."""
    seen = await _seen(request)
    acts = acts_on(seen.record) if person(request).may(Right.ACT_ON_MESSAGES) else []
    return draw(
        request,
        "delivery.html.j2",
        seen=seen,
        record=seen.record,
        meaning=STATES[seen.record.state],
        meanings=STATES,
        advice=advice_on(seen.record.error_code),
        attempts=[(each, advice_on(each.outcome)) for each in seen.attempts],
        outcomes=OUTCOMES,
        signer=signer_of(seen.receipt),
        acts=[(act.value, ACTS[act][0]) for act in acts],
        may_export=person(request).may(Right.EXPORT_LOG),
        done=done_note(request),
    )


async def _seen(request: web.Request) -> SeenDelivery:
    """The delivery of the address; the log of the look says which message and permit it is about."""
    seen = await look_at_delivery(request.match_info["id"], boundary(request), request.app[NODE])
    trail = request[TRAIL]
    trail.message_id, trail.permit = seen.record.message_id, seen.record.permit
    trail.partner = seen.record.partner
    return seen


def signer_of(seen: SeenReceipt | None) -> tuple[str, str] | None:
    """Subject and fingerprint of the certificate that signed a receipt."""
    if seen is None or seen.signer is None:
        return None
    certificate: x509.Certificate = seen.signer
    return certificate.subject.rfc4514_string(), fingerprint(certificate)


async def envelope(request: web.Request) -> web.Response:
    """GET /console/deliveries/{id}/envelope: the signed bytes as they are sent."""
    seen = await _seen(request)
    return as_file(seen.message.envelope if seen.message else None, f"envelope-{seen.record.message_id}.xml")


async def receipt(request: web.Request) -> web.Response:
    """GET /console/deliveries/{id}/receipt: the partner's signed bytes."""
    seen = await _seen(request)
    return as_file(seen.message.receipt if seen.message else None, f"receipt-{seen.record.message_id}.xml")


def as_file(data: bytes | None, name: str) -> web.Response:
    """Signed bytes to be kept, unchanged; raises `NotFound` when there are none."""
    if data is None:
        raise NotFound("there is no such file", advice="a receipt is there once the partner has answered")
    return web.Response(
        body=data,
        content_type="application/xml",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


PAGES = (
    Page("GET", LIST, "console-deliveries", show_list, Right.SEE_MESSAGES, "deliveries"),
    Page("POST", LIST, "console-deliveries-search", search, Right.SEE_MESSAGES, "deliveries"),
    Page("GET", LIST + "/{id}", "console-delivery", show_one, Right.SEE_MESSAGES, "a delivery"),
    Page(
        "GET",
        LIST + "/{id}/envelope",
        "console-delivery-envelope",
        envelope,
        Right.SEE_MESSAGES,
        "the envelope of a delivery",
    ),
    Page(
        "GET",
        LIST + "/{id}/receipt",
        "console-delivery-receipt",
        receipt,
        Right.SEE_MESSAGES,
        "the receipt of a delivery",
    ),
)
