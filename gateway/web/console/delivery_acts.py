"""Acts on deliveries: first what would be done, then, confirmed and with a reason, what is done."""

from dataclasses import dataclass, replace

from aiohttp import web

from gateway.errors import MalformedRequest
from gateway.exchange.delivery_query import DeliveryQuery
from gateway.flows.author import Author
from gateway.flows.operate import Act, Preview, act_on, actable, find, preview
from gateway.people.rights import Right
from gateway.web.console.asking import PAGE, a_moment, address, an_id, boundary, one_of, person, typed
from gateway.web.console.deliveries import LIST
from gateway.web.console.delivery_form import FIELDS, query_of
from gateway.web.console.delivery_words import ACTS, STATES
from gateway.web.console.drawing import draw, see_other
from gateway.web.console.page import Page
from gateway.web.console.viewer import FORM
from gateway.web.keys import NODE

MOST = 5_000
"""Deliveries of one act: a page must not take for ever; more are done by doing it again."""
MOST_CHOSEN = 200
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to do, and to which deliveries."""

    act: Act
    ids: tuple[str, ...]
    """Those that were ticked; empty: all that the search finds."""
    fields: dict[str, str]
    """The search."""
    query: DeliveryQuery

    @property
    def back(self) -> str:
        """The page from which it was asked for."""
        return f"{LIST}/{self.ids[0]}" if len(self.ids) == 1 else address(LIST, self.fields)


def _wish(request: web.Request) -> Wish:
    """From the form; raises `MalformedRequest`."""
    form, within = request[FORM], boundary(request)
    act, fields = one_of(Act, form.get("act", "")), typed(request, FIELDS)
    if act is None:
        raise MalformedRequest("nothing was chosen to be done", advice="use one of the buttons of the page")
    if form.get("which") == "all":
        return Wish(act, (), fields, query_of(fields, within, request.app[NODE].clock.now()))
    ids = tuple(dict.fromkeys(an_id(each) for each in form.getall("id", []) if each))
    if not ids or len(ids) > MOST_CHOSEN:
        raise MalformedRequest(
            "no delivery was chosen" if not ids else f"more than {MOST_CHOSEN} deliveries were chosen",
            advice="tick some of them, or choose all that the search finds",
        )
    return Wish(act, ids, fields, DeliveryQuery(ids=ids, within=within))


async def show(request: web.Request) -> web.Response:
    """POST /console/deliveries/preview: what would be done; nothing is done yet."""
    return await _draw(request, _wish(request))


async def _draw(request: web.Request, wish: Wish, *, refused: bool = False) -> web.Response:
    """The page that asks for the reason."""
    node = request.app[NODE]
    seen: Preview = await preview(wish.act, wish.query, node, MOST)
    bounded = replace(actable(wish.act, wish.query), up_to=seen.last, limit=PAGE)
    return draw(
        request,
        "delivery_act.html.j2",
        status=422 if refused else 200,
        wish=wish,
        words=ACTS[wish.act],
        seen=seen,
        counted=sorted(seen.counted.items()),
        records=await find(bounded, node) if seen.total else [],
        meanings=STATES,
        most=MOST,
        as_of=node.clock.now().isoformat(),
        refused=refused,
        reason=request[FORM].get("reason", ""),
    )


async def act(request: web.Request) -> web.Response:
    """
    POST /console/deliveries/act: do what was shown.

    What was queued, or given up, after the page was drawn is not touched: nobody has seen it. Raises
    `MalformedRequest`; without a reason the page is drawn again.
    """
    wish, form = _wish(request), request[FORM]
    reason = " ".join(form.get("reason", "").split())
    up_to, found = an_id(form.get("up_to", "")), form.get("found", "")
    as_of = a_moment(form.get("as_of", ""))
    if not reason or len(reason) > LONGEST_REASON:
        return await _draw(request, wish, refused=True)
    if not up_to or as_of is None or not (found.isascii() and found.isdigit()):
        raise MalformedRequest("it is not known what you have seen", advice="open the page before again")
    author = Author(person(request).name, reason)
    query = replace(wish.query, up_to=up_to, as_of=as_of)
    done = await act_on(wish.act, query, author, request.app[NODE])
    told = {"done": wish.act.value, "count": str(done), "of": found[:8]}
    if len(wish.ids) == 1:
        return see_other(address(wish.back, told))
    return see_other(address(LIST, wish.fields, **told))


PAGES = (
    Page("POST", LIST + "/preview", "console-deliveries-preview", show, Right.ACT_ON_MESSAGES, "deliveries"),
    Page("POST", LIST + "/act", "console-deliveries-act", act, Right.ACT_ON_MESSAGES),
)
