"""Who comes: from the cookie to the session, and from there to the viewer."""

from aiohttp import web

from gateway.errors import Forbidden, NotFound
from gateway.flows.sign_in import Opened, Visit, Whereabouts, visit_of
from gateway.people.csrf import csrf_word, is_ours
from gateway.people.sessions import Next, next_for
from gateway.web.console.cookies import COOKIES
from gateway.web.console.drawing import see_other
from gateway.web.console.viewer import FORM, Viewer
from gateway.web.keys import NODE
from gateway.web.limits import network_of
from gateway.wording import say

VISIT = web.RequestKey("visit", Visit)
"""Account and session of somebody who has signed in, or is half-way in."""

STEPS = {
    Next.SECOND_FACTOR: "/console/second-factor",
    Next.ENROL: "/console/enrol",
    Next.PASSWORD: "/console/first-password",
    Next.NOTHING: "/console",
}
"""Where somebody goes on."""


async def admit(request: web.Request) -> Viewer | None:
    """
    Who has signed in, whole: password, second factor, a password of their own.

    None when somebody has not, is half-way, or when the session has ended. Raises `StorageError`.
    """
    token = request.app[COOKIES].token(request)
    if not token:
        return None
    visit = await visit_of(token, request.app[NODE])
    if visit is None:
        return None
    request[VISIT] = visit
    if next_for(visit.account, visit.session.stage) is not Next.NOTHING:
        return None
    return Viewer(visit.account.person, csrf_word(token), visit.session.id)


def whole_visit(request: web.Request) -> Visit:
    """Account and session of the viewer; raises `NotFound` when they came in another way (in a test)."""
    visit: Visit | None = request.get(VISIT)
    if visit is None:
        raise NotFound(say("you have no such session"))
    return visit


def half_way(request: web.Request, step: Next) -> Visit | None:
    """Whoever has to take this step now; None: it is not their turn."""
    visit: Visit | None = request.get(VISIT)
    if visit is None or next_for(visit.account, visit.session.stage) is not step:
        return None
    return visit


def word_of(request: web.Request) -> str:
    """What a form of somebody half-way in must send back."""
    return csrf_word(request.app[COOKIES].token(request))


def require_word(request: web.Request) -> None:
    """Raises `Forbidden` when the form of somebody half-way in was not drawn for their session."""
    if not is_ours(request[FORM].get("csrf", ""), word_of(request)):
        raise Forbidden(
            say("this form was not drawn for your session: nothing was done"),
            advice=say("open the page again and repeat what you did"),
        )


def whereabouts(request: web.Request) -> Whereabouts:
    """From where a request comes."""
    return Whereabouts(network_of(request.remote), request.headers.get("User-Agent", ""))


def goes_on(request: web.Request, opened: Opened) -> web.Response:
    """To what is still to come, with the cookie of the session that has just begun."""
    account, session = opened.visit.account, opened.visit.session
    answer = see_other(STEPS[next_for(account, session.stage)])
    request.app[COOKIES].give(answer, opened.token)
    return answer
