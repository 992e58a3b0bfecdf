"""The pages before all others: name and password, second factor, its set-up, the first own password."""

from aiohttp import web

from gateway.errors import GatewayError, MalformedRequest, SignInRefused, TooManyRequests
from gateway.flows.own_account import change_password
from gateway.flows.sign_in import Visit, enrol, offer_factor, prove, sign_in, sign_out
from gateway.people.rights import Right
from gateway.people.sessions import Next
from gateway.people.totp import address, picture, typed_secret
from gateway.web.console.cookies import COOKIES
from gateway.web.console.drawing import draw, see_other
from gateway.web.console.entry import (
    STEPS,
    VISIT,
    goes_on,
    half_way,
    require_word,
    whereabouts,
    whole_visit,
    word_of,
)
from gateway.web.console.page import Page
from gateway.web.console.viewer import FORM, VIEWER
from gateway.web.keys import NODE, TRAIL
from gateway.web.limits import count_stranger
from gateway.web.problems import status_of

SIGN_IN = "/console/sign-in"


async def show_sign_in(request: web.Request) -> web.Response:
    """GET /console/sign-in: name and password; who is half-way goes on from there."""
    if request.get(VIEWER) is not None:
        return see_other("/console")
    for step, place in STEPS.items():
        if half_way(request, step) is not None:
            return see_other(place)
    return draw(request, "sign-in.html.j2", name="", error=None)


async def take_sign_in(request: web.Request) -> web.Response:
    """POST /console/sign-in; how often a stranger may try is also bounded like every other request."""
    form, node = request[FORM], request.app[NODE]
    name = form.get("name", "")
    try:
        count_stranger(request)
        opened = await sign_in(name, form.get("password", ""), whereabouts(request), node, request[TRAIL])
    except (SignInRefused, TooManyRequests) as error:
        return draw(request, "sign-in.html.j2", status=status_of(error), name=name, error=error)
    return goes_on(request, opened)


async def show_factor(request: web.Request) -> web.Response:
    """GET /console/second-factor: the code of the app."""
    if half_way(request, Next.SECOND_FACTOR) is None:
        return see_other(SIGN_IN)
    return draw(request, "second-factor.html.j2", word=word_of(request), error=None)


async def take_factor(request: web.Request) -> web.Response:
    """POST /console/second-factor."""
    visit = half_way(request, Next.SECOND_FACTOR)
    if visit is None:
        return see_other(SIGN_IN)
    require_word(request)
    code = request[FORM].get("code", "")
    try:
        opened = await prove(code, visit, whereabouts(request), request.app[NODE], request[TRAIL])
    except (SignInRefused, TooManyRequests) as error:
        return draw(
            request, "second-factor.html.j2", status=status_of(error), word=word_of(request), error=error
        )
    return goes_on(request, opened)


async def show_enrol(request: web.Request) -> web.Response:
    """GET /console/enrol: the QR code of a second factor."""
    visit = half_way(request, Next.ENROL)
    return see_other(SIGN_IN) if visit is None else await _draw_enrol(request, visit, None)


async def take_enrol(request: web.Request) -> web.Response:
    """POST /console/enrol: the first code of the app; the answer shows the recovery codes, this once."""
    visit = half_way(request, Next.ENROL)
    if visit is None:
        return see_other(SIGN_IN)
    require_word(request)
    code = request[FORM].get("code", "")
    try:
        opened = await enrol(code, visit, whereabouts(request), request.app[NODE], request[TRAIL])
    except (SignInRefused, TooManyRequests) as error:
        return await _draw_enrol(request, visit, error)
    answer = draw(request, "recovery-codes.html.j2", codes=opened.recovery_codes, onward=SIGN_IN)
    request.app[COOKIES].give(answer, opened.token)
    return answer


async def show_first_password(request: web.Request) -> web.Response:
    """GET /console/first-password: somebody else has set the one that they came with."""
    if half_way(request, Next.PASSWORD) is None:
        return see_other(SIGN_IN)
    return _draw_first_password(request, None)


async def take_first_password(request: web.Request) -> web.Response:
    """POST /console/first-password."""
    visit = half_way(request, Next.PASSWORD)
    if visit is None:
        return see_other(SIGN_IN)
    require_word(request)
    form = request[FORM]
    try:
        opened = await change_password(
            form.get("old", ""),
            form.get("new", ""),
            visit,
            whereabouts(request),
            request.app[NODE],
            request[TRAIL],
        )
    except (SignInRefused, TooManyRequests, MalformedRequest) as error:
        return _draw_first_password(request, error)
    return goes_on(request, opened)


async def take_sign_out(request: web.Request) -> web.Response:
    """POST /console/sign-out."""
    await sign_out(whole_visit(request), request.app[NODE], request[TRAIL])
    answer = see_other(SIGN_IN)
    request.app[COOKIES].take(answer)
    return answer


async def _draw_enrol(request: web.Request, visit: Visit, error: GatewayError | None) -> web.Response:
    """The secret as a QR code and as text."""
    secret = await offer_factor(visit, request.app[NODE])
    return draw(
        request,
        "enrol.html.j2",
        status=status_of(error) if error else 200,
        picture=picture(address(secret, visit.account.person.name)),
        typed=typed_secret(secret),
        word=word_of(request),
        error=error,
    )


def _draw_first_password(request: web.Request, error: GatewayError | None) -> web.Response:
    """The form."""
    return draw(
        request,
        "first-password.html.j2",
        status=status_of(error) if error else 200,
        name=request[VISIT].account.person.name,
        least=request.app[NODE].people.password.min_length,
        word=word_of(request),
        error=error,
    )


PAGES = (
    Page("GET", SIGN_IN, "console-entry", show_sign_in, right=None),
    Page("POST", SIGN_IN, "console-entry-send", take_sign_in, right=None),
    Page("GET", "/console/second-factor", "console-second-factor", show_factor, right=None),
    Page("POST", "/console/second-factor", "console-second-factor-send", take_factor, right=None),
    Page("GET", "/console/enrol", "console-enrol", show_enrol, right=None),
    Page("POST", "/console/enrol", "console-enrol-send", take_enrol, right=None),
    Page("GET", "/console/first-password", "console-first-password", show_first_password, right=None),
    Page("POST", "/console/first-password", "console-first-password-send", take_first_password, right=None),
    Page("POST", "/console/sign-out", "console-sign-out", take_sign_out, right=Right.OWN_ACCOUNT),
)
