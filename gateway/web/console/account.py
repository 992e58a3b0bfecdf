"""One's own account: password, language, recovery codes, sessions."""

from aiohttp import web

from gateway.errors import MalformedRequest, SignInRefused, TooManyRequests
from gateway.flows.own_account import (
    change_password,
    choose_language,
    end_own_session,
    new_recovery_codes,
    own_sessions,
    require_password,
)
from gateway.people.rights import Right
from gateway.web.console.drawing import draw, see_other
from gateway.web.console.entry import goes_on, whereabouts, whole_visit
from gateway.web.console.page import Page
from gateway.web.console.viewer import FORM
from gateway.web.keys import NODE, TRAIL
from gateway.web.problems import status_of

ACCOUNT = "/console/account"
_REFUSALS = (SignInRefused, TooManyRequests, MalformedRequest)


async def show(request: web.Request) -> web.Response:
    """GET /console/account."""
    return await _draw(request, None)


async def take_password(request: web.Request) -> web.Response:
    """POST /console/account/password: all other sessions end."""
    form, visit = request[FORM], whole_visit(request)
    node, where = request.app[NODE], whereabouts(request)
    try:
        opened = await change_password(
            form.get("old", ""), form.get("new", ""), visit, where, node, request[TRAIL]
        )
    except _REFUSALS as error:
        return await _draw(request, error)
    return goes_on(request, opened)


async def take_language(request: web.Request) -> web.Response:
    """POST /console/account/language."""
    await choose_language(request[FORM].get("language", ""), whole_visit(request), request.app[NODE])
    return see_other(ACCOUNT)


async def take_recovery_codes(request: web.Request) -> web.Response:
    """POST /console/account/recovery-codes: ten new ones, shown this once to who knows the password."""
    visit, node = whole_visit(request), request.app[NODE]
    try:
        await require_password(request[FORM].get("password", ""), visit, whereabouts(request), node)
    except _REFUSALS as error:
        return await _draw(request, error)
    codes = await new_recovery_codes(visit, node, request[TRAIL])
    return draw(request, "recovery-codes.html.j2", codes=codes, onward=ACCOUNT)


async def end_session(request: web.Request) -> web.Response:
    """POST /console/account/sessions/{id}/end."""
    await end_own_session(request.match_info["id"], whole_visit(request), request.app[NODE], request[TRAIL])
    return see_other(ACCOUNT)


async def _draw(
    request: web.Request, error: SignInRefused | TooManyRequests | MalformedRequest | None
) -> web.Response:
    """The page, with what was turned away."""
    visit, node = whole_visit(request), request.app[NODE]
    sessions, left = await own_sessions(visit, node)
    return draw(
        request,
        "account.html.j2",
        status=status_of(error) if error else 200,
        account=visit.account,
        mine=visit.session.id,
        sessions=sessions,
        left=left,
        least=node.people.password.min_length,
        error=error,
    )


_OWN = Right.OWN_ACCOUNT
PAGES = (
    Page("GET", ACCOUNT, "console-account", show, right=_OWN),
    Page("POST", f"{ACCOUNT}/password", "console-account-password", take_password, right=_OWN),
    Page("POST", f"{ACCOUNT}/language", "console-account-language", take_language, right=_OWN),
    Page("POST", f"{ACCOUNT}/recovery-codes", "console-account-recovery", take_recovery_codes, right=_OWN),
    Page("POST", ACCOUNT + "/sessions/{id}/end", "console-account-session-end", end_session, right=_OWN),
)
