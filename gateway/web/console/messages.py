"""Messages in both directions: looking for them, and all about one."""

import re
from dataclasses import replace

from aiohttp import web

from gateway.exchange.message import Kind
from gateway.exchange.message_query import MessagePlace, MessageQuery
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import Direction
from gateway.flows.look_at_message import SeenMessage, list_messages, look_at_message
from gateway.people.rights import Right
from gateway.web.console.asking import (
    PAGE,
    a_moment,
    a_number,
    address,
    an_authority,
    an_id,
    boundary,
    is_private,
    one_of,
    person,
    typed,
)
from gateway.web.console.deliveries import as_file, signer_of
from gateway.web.console.delivery_words import DIRECTIONS, KINDS, OUTCOMES, STATES
from gateway.web.console.drawing import draw, see_other
from gateway.web.console.page import Page
from gateway.web.console.viewer import FORM
from gateway.web.keys import NODE, TRAIL
from gateway.wording import say

LIST = "/console/messages"
ONE = LIST + "/{direction}/{sender}/{id}"
FIELDS = ("direction", "partner", "authority", "kind", "outcome", "number", "message", "since", "until")


def _query(fields: dict[str, str], request: web.Request) -> MessageQuery:
    """What is looked for; raises `MalformedRequest` that says which field is wrong."""
    return MessageQuery(
        direction=one_of(Direction, fields["direction"]),
        message_id=an_id(fields["message"]),
        partner=fields["partner"],
        authority=an_authority(fields["authority"]),
        within=boundary(request),
        kind=one_of(Kind, fields["kind"]),
        outcome=one_of(Outcome, fields["outcome"]),
        number=a_number(fields["number"]),
        since=a_moment(fields["since"]),
        until=a_moment(fields["until"]),
    )


async def show_list(request: web.Request) -> web.Response:
    """GET /console/messages: a page of those that fit what stands in the address."""
    return await _list(request, typed(request, FIELDS), request.query.get("after", ""))


async def search(request: web.Request) -> web.Response:
    """
    POST /console/messages: what was typed goes into the address, but for the number of a permit.

    A search for one is answered at once, and its next page is asked for with the same form.
    """
    fields = typed(request, FIELDS)
    if not is_private(fields):
        _query(fields, request)
        return see_other(address(LIST, fields))
    return await _list(request, fields, request[FORM].get("after", ""))


async def _list(request: web.Request, fields: dict[str, str], after: str) -> web.Response:
    """A page of messages, the newest first."""
    node = request.app[NODE]
    place = MessagePlace.parse(after) if after else None
    found = await list_messages(replace(_query(fields, request), after=place, limit=PAGE + 1), node)
    page = found[:PAGE]
    following = str(page[-1].message.place) if len(found) > PAGE else ""
    return draw(
        request,
        "messages.html.j2",
        fields=fields,
        partners=[("", say("any")), *((name, name) for name in sorted(node.directory.partners))],
        directions=[("", say("any")), *((word.value, name) for word, name in DIRECTIONS.items())],
        kinds=[("", say("any")), *((word.value, KINDS[word]) for word in Kind if word is not Kind.QUESTION)],
        outcomes=[("", say("any")), *((word.value, name) for word, (_, name) in OUTCOMES.items())],
        searched=any(fields.values()),
        lines=page,
        words={"directions": DIRECTIONS, "kinds": KINDS, "outcomes": OUTCOMES, "states": STATES},
        after=after,
        following=following,
        next_address="" if is_private(fields) or not following else address(LIST, fields, after=following),
    )


async def _seen(request: web.Request) -> SeenMessage:
    """The message of the address; the log of the look says which one it is."""
    at = request.match_info
    seen = await look_at_message(
        at["direction"], at["sender"], at["id"], boundary(request), request.app[NODE]
    )
    trail = request[TRAIL]
    trail.message_id, trail.permit = seen.record.message_id, seen.record.permit
    trail.partner = seen.record.partner
    return seen


async def show_one(request: web.Request) -> web.Response:
    """GET /console/messages/{direction}/{sender}/{id}: all about one."""
    seen = await _seen(request)
    return draw(
        request,
        "message.html.j2",
        seen=seen,
        record=seen.record,
        words={"directions": DIRECTIONS, "kinds": KINDS, "outcomes": OUTCOMES, "states": STATES},
        outcomes=OUTCOMES,
        signer=signer_of(seen.receipt),
        may_export=person(request).may(Right.EXPORT_LOG),
    )


async def envelope(request: web.Request) -> web.Response:
    """GET .../envelope: the signed bytes as they came or went."""
    seen = await _seen(request)
    return as_file(seen.record.envelope, f"envelope-{_plain(seen)}.xml")


async def receipt(request: web.Request) -> web.Response:
    """GET .../receipt: ours, or the partner's, as signed bytes."""
    seen = await _seen(request)
    return as_file(seen.record.receipt, f"receipt-{_plain(seen)}.xml")


def _plain(seen: SeenMessage) -> str:
    """The id of a message as part of a file's name: the sender chose it."""
    return re.sub(r"[^0-9A-Za-z-]", "", seen.record.message_id)


PAGES = (
    Page("GET", LIST, "console-messages", show_list, Right.SEE_MESSAGES, "messages"),
    Page("POST", LIST, "console-messages-search", search, Right.SEE_MESSAGES, "messages"),
    Page("GET", ONE, "console-message", show_one, Right.SEE_MESSAGES, "a message"),
    Page(
        "GET",
        ONE + "/envelope",
        "console-message-envelope",
        envelope,
        Right.SEE_MESSAGES,
        "the envelope of a message",
    ),
    Page(
        "GET",
        ONE + "/receipt",
        "console-message-receipt",
        receipt,
        Right.SEE_MESSAGES,
        "the receipt of a message",
    ),
)
