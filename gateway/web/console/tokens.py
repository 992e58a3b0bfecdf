"""Tokens of the authorities' own systems, and of partners that collect: listed, made, withdrawn."""

from datetime import datetime, timedelta

from aiohttp import web

from gateway.errors import GatewayError, MalformedRequest, NotFound
from gateway.exchange.grants import Grant
from gateway.flows.author import Author
from gateway.flows.tokens import SHOWN, all_tokens, make_token, revoke
from gateway.people.person import Person
from gateway.people.rights import Right
from gateway.permits.identity import AuthorityId
from gateway.permits.scopes import Scope, read_scopes
from gateway.web.console.drawing import draw, see_other
from gateway.web.console.page import Page
from gateway.web.console.people import reason_of
from gateway.web.console.viewer import FORM, VIEWER
from gateway.web.keys import NODE
from gateway.web.problems import status_of
from gateway.wording import say

TOKENS = "/console/tokens"
MAX_DAYS = 3660


async def show_list(request: web.Request) -> web.Response:
    """GET /console/tokens: the beginning of each hash, never a token."""
    return await _draw_list(request, None)


async def take_new(request: web.Request) -> web.Response:
    """POST /console/tokens/new: the answer shows the token, this once."""
    form, node = request[FORM], request.app[NODE]
    try:
        author = Author(request[VIEWER].person.name, reason_of(request))
        holder = _holder(request, form.get("holder", ""))
        wanted = _scopes(form.get("scopes", ""), holder)
        ends = _ends(form.get("days", ""), node.clock.now())
        token, grant = await make_token(holder, author, node, wanted=wanted, expires_at=ends)
    except MalformedRequest as error:
        return await _draw_list(request, error)
    return draw(request, "token.html.j2", token=token, grant=grant)


async def take_revoke(request: web.Request) -> web.Response:
    """POST /console/tokens/{id}/revoke: the next request with it is turned away."""
    node, beginning = request.app[NODE], request.match_info["id"]
    mine = [each for each in await _listed(request) if each.token_hash.startswith(beginning)]
    if len(mine) != 1 or len(beginning) < SHOWN:
        raise NotFound(say("there is no such token, or none that you may see"))
    try:
        author = Author(request[VIEWER].person.name, reason_of(request))
    except MalformedRequest as error:
        return await _draw_list(request, error)
    await revoke(mine[0].token_hash, author, node)
    return see_other(TOKENS)


async def _draw_list(request: web.Request, error: GatewayError | None) -> web.Response:
    """All that the viewer may see, and the form for a new one."""
    node = request.app[NODE]
    return draw(
        request,
        "tokens.html.j2",
        status=status_of(error) if error else 200,
        grants=await _listed(request),
        shown=SHOWN,
        holders=_holders(request),
        scopes=" ".join(sorted(Scope)),
        at=node.clock.now(),
        error=error,
    )


async def _listed(request: web.Request) -> list[Grant]:
    """Those of the authorities that the viewer sees; those of partners for who sees all."""
    person = request[VIEWER].person
    return [each for each in await all_tokens(request.app[NODE]) if _seen(person, each)]


def _seen(person: Person, grant: Grant) -> bool:
    """Whether a token is one that somebody may see."""
    if grant.authority is None:
        return not person.authorities
    return person.sees(grant.authority)


def _holders(request: web.Request) -> list[tuple[str, str]]:
    """For whom the viewer can make one."""
    person, directory = request[VIEWER].person, request.app[NODE].directory
    names = [str(each) for each in sorted(directory.hosted) if person.sees(each)]
    if not person.authorities:
        names += sorted(each.id for each in directory.partners.values() if each.mailbox)
    return [(name, name) for name in names]


def _holder(request: web.Request, text: str) -> AuthorityId | str:
    """The authority or partner of a form; raises `MalformedRequest` for one that is not offered."""
    if (text, text) not in _holders(request):
        raise MalformedRequest(say("choose who will hold the token"))
    return AuthorityId.parse(text) if ":" in text else text


def _scopes(text: str, holder: AuthorityId | str) -> frozenset[Scope] | None:
    """The scopes of a form, None for all of the role; raises `MalformedRequest`."""
    words = tuple(text.replace(",", " ").split())
    if words and not isinstance(holder, AuthorityId):
        raise MalformedRequest(say("a partner's token opens its mailbox and nothing else"))
    return read_scopes(words, holder.role) if words and isinstance(holder, AuthorityId) else None


def _ends(text: str, at: datetime) -> datetime | None:
    """After how many days it opens nothing; None for never; raises `MalformedRequest`."""
    if not text.strip():
        return None
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:6]) <= MAX_DAYS:
        raise MalformedRequest(say("days must be a whole number from 1 to {most}", most=MAX_DAYS))
    return at + timedelta(days=int(text))


_MANAGE = Right.MANAGE_PEOPLE
PAGES = (
    Page("GET", TOKENS, "console-tokens", show_list, right=_MANAGE, looks_at="tokens"),
    Page("POST", f"{TOKENS}/new", "console-token-new", take_new, right=_MANAGE),
    Page("POST", TOKENS + "/{id}/revoke", "console-token-revoke", take_revoke, right=_MANAGE),
)
