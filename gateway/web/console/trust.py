"""Changes of whom this gateway believes: seen by administrators, and agreed to by two of them."""

from dataclasses import dataclass

from aiohttp import web

from gateway.errors import Forbidden, GatewayError, MalformedRequest, NotFound, SignInRefused, TooManyRequests
from gateway.flows.prove_again import prove_again
from gateway.flows.trust_facts import in_words
from gateway.flows.two_persons import agree, changes_of_trust, names_of_people, refuse
from gateway.people.proposals import Proposal, ProposalState
from gateway.people.rights import Right
from gateway.web.console.drawing import draw, see_other
from gateway.web.console.entry import whereabouts
from gateway.web.console.page import Page
from gateway.web.console.people import reason_of
from gateway.web.console.viewer import FORM, VIEWER
from gateway.web.keys import NODE
from gateway.web.problems import status_of
from gateway.wording import Words, say

TRUST = "/console/trust"

STATES: dict[ProposalState, tuple[str, Words]] = {
    ProposalState.FOUND: ("unsure", say("waits for two administrators")),
    ProposalState.ASKED: ("unsure", say("waits for a second administrator")),
    ProposalState.AGREED: ("good", say("counts")),
    ProposalState.REFUSED: ("bad", say("refused")),
    ProposalState.OVERTAKEN: ("calm", say("overtaken")),
}
"""Tone and words of each state."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A change as a person reads it."""

    change: Proposal
    tone: str
    state: Words
    added: tuple[Words, ...]
    removed: tuple[Words, ...]


async def show(request: web.Request) -> web.Response:
    """GET /console/trust."""
    return await _draw(request, None)


async def take_agree(request: web.Request) -> web.Response:
    """POST /console/trust/{id}/agree, with password and code: whoever sits there must be who they are."""
    return await _act(request, agrees=True)


async def take_refuse(request: web.Request) -> web.Response:
    """POST /console/trust/{id}/refuse, likewise."""
    return await _act(request, agrees=False)


async def _act(request: web.Request, *, agrees: bool) -> web.Response:
    """
    Agree or refuse.

    Who does not see all authorities sees no changes, so none is there for them. Raises `NotFound`.
    """
    form, node, person = request[FORM], request.app[NODE], request[VIEWER].person
    if person.authorities:
        raise NotFound(
            say("this change does not wait any more, or is not the one that you were shown"),
            advice=say("look at the list again"),
        )
    try:
        reason = reason_of(request)
        account = await prove_again(
            person.name, form.get("password", ""), form.get("code", ""), whereabouts(request), node
        )
        act = agree if agrees else refuse
        await act(request.match_info["id"], form.get("digest", ""), account, reason, node)
    except (Forbidden, MalformedRequest, SignInRefused, TooManyRequests) as error:
        return await _draw(request, error)
    return see_other(TRUST)


async def _draw(request: web.Request, error: GatewayError | None) -> web.Response:
    """What waits, and what became of the others."""
    node = request.app[NODE]
    all_ = not request[VIEWER].person.authorities
    shown = [_shown(each) for each in await changes_of_trust(node)] if all_ else []
    return draw(
        request,
        "trust.html.j2",
        status=status_of(error) if error else 200,
        waiting=[each for each in shown if each.change.state.open],
        past=[each for each in shown if not each.change.state.open],
        names=await names_of_people(node) if all_ else {},
        error=error,
    )


def _shown(change: Proposal) -> Shown:
    """In words; the first of all changes is everything that counted then."""
    tone, state = STATES[change.state]
    return Shown(
        change,
        tone,
        state,
        tuple(in_words(fact) for fact in sorted(change.adds)),
        tuple(in_words(fact) for fact in sorted(change.removes)),
    )


_TRUST = Right.CHANGE_TRUST
PAGES = (
    Page("GET", TRUST, "console-trust", show, right=_TRUST, looks_at="trust"),
    Page("POST", TRUST + "/{id}/agree", "console-trust-agree", take_agree, right=_TRUST),
    Page("POST", TRUST + "/{id}/refuse", "console-trust-refuse", take_refuse, right=_TRUST),
)
