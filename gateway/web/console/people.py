"""Who may come in: for administrators, within their own authorities."""

from aiohttp import web

from gateway.errors import Forbidden, GatewayError, MalformedRequest
from gateway.flows.manage_people import (
    LetIn,
    Manager,
    add_person,
    all_people,
    change_person,
    disable_person,
    enable_person,
    end_sessions,
    one_person,
    reset_second_factor,
    set_password,
)
from gateway.people.rights import Post, Right
from gateway.permits.identity import AuthorityId
from gateway.web.console.drawing import draw, see_other
from gateway.web.console.page import Page
from gateway.web.console.viewer import FORM, VIEWER
from gateway.web.keys import NODE
from gateway.web.problems import status_of
from gateway.wording import ENGLISH, Words, say

PEOPLE = "/console/people"
MAX_REASON = 200
"""Characters; the log shows it in a line."""

POSTS: dict[Post, Words] = {
    Post.OPERATOR: say("Operator"),
    Post.MA_OFFICER: say("Management Authority officer"),
    Post.CUSTOMS_OFFICER: say("Customs officer"),
    Post.AUDITOR: say("Auditor"),
    Post.ADMINISTRATOR: say("Administrator"),
}


async def show_list(request: web.Request) -> web.Response:
    """GET /console/people."""
    people = await all_people(request.app[NODE], _manager(request, ""))
    return draw(request, "people.html.j2", people=people, posts=POSTS)


async def show_new(request: web.Request) -> web.Response:
    """GET /console/people/new."""
    return _draw_new(request, None)


async def take_new(request: web.Request) -> web.Response:
    """POST /console/people/new: the answer shows the first password, this once."""
    form = request[FORM]
    try:
        made = await add_person(
            form.get("name", ""),
            _post(form.get("post", "")),
            _authorities(request),
            form.get("language", ENGLISH),
            request.app[NODE],
            _manager(request, reason_of(request)),
        )
    except (MalformedRequest, Forbidden) as error:
        return _draw_new(request, error)
    return _draw_password(request, made)


async def show_one(request: web.Request) -> web.Response:
    """GET /console/people/{id}."""
    return await _draw_one(request, None)


async def take_change(request: web.Request) -> web.Response:
    """POST /console/people/{id}/change: another post, other authorities."""
    try:
        await change_person(
            request.match_info["id"],
            _post(request[FORM].get("post", "")),
            _authorities(request),
            request.app[NODE],
            _manager(request, reason_of(request)),
        )
    except (MalformedRequest, Forbidden) as error:
        return await _draw_one(request, error)
    return _back(request)


async def take_disable(request: web.Request) -> web.Response:
    """POST /console/people/{id}/disable."""
    try:
        manager = _manager(request, reason_of(request))
        await disable_person(request.match_info["id"], request.app[NODE], manager)
    except (MalformedRequest, Forbidden) as error:
        return await _draw_one(request, error)
    return _back(request)


async def take_enable(request: web.Request) -> web.Response:
    """POST /console/people/{id}/enable."""
    try:
        manager = _manager(request, reason_of(request))
        await enable_person(request.match_info["id"], request.app[NODE], manager)
    except (MalformedRequest, Forbidden) as error:
        return await _draw_one(request, error)
    return _back(request)


async def take_password(request: web.Request) -> web.Response:
    """POST /console/people/{id}/password: the answer shows the new first password, this once."""
    try:
        manager = _manager(request, reason_of(request))
        made = await set_password(request.match_info["id"], request.app[NODE], manager)
    except (MalformedRequest, Forbidden) as error:
        return await _draw_one(request, error)
    return _draw_password(request, made)


async def take_factor(request: web.Request) -> web.Response:
    """POST /console/people/{id}/second-factor: the old one is good no more."""
    try:
        manager = _manager(request, reason_of(request))
        await reset_second_factor(request.match_info["id"], request.app[NODE], manager)
    except (MalformedRequest, Forbidden) as error:
        return await _draw_one(request, error)
    return _back(request)


async def take_sessions(request: web.Request) -> web.Response:
    """POST /console/people/{id}/sessions: one ends, or all."""
    try:
        manager = _manager(request, reason_of(request))
        await end_sessions(
            request.match_info["id"], request.app[NODE], manager, request[FORM].get("session", "")
        )
    except MalformedRequest as error:
        return await _draw_one(request, error)
    return _back(request)


def _manager(request: web.Request, reason: str) -> Manager:
    """The viewer, and why."""
    person = request[VIEWER].person
    return Manager(person.name, reason, person)


def reason_of(request: web.Request) -> str:
    """Why something is done; raises `MalformedRequest` when the form does not say it in one line."""
    reason = request[FORM].get("reason", "").strip()
    if not reason or len(reason) > MAX_REASON or not reason.isprintable():
        raise MalformedRequest(
            say("say in one line why you do it"), advice=say("it stands in the message log; nothing was done")
        )
    return reason


def _post(text: str) -> Post:
    """The post of a form; raises `MalformedRequest`."""
    if text not in set(Post):
        raise MalformedRequest(say("choose a post"))
    return Post(text)


def _authorities(request: web.Request) -> frozenset[AuthorityId]:
    """
    The authorities of a form, with spaces or commas between them; each lives here.

    Raises `MalformedRequest`.
    """
    hosted = request.app[NODE].directory.hosted
    found = set()
    for text in request[FORM].get("authorities", "").replace(",", " ").split():
        authority = AuthorityId.parse(text)
        if authority not in hosted:
            raise MalformedRequest(say("{authority} does not live here", authority=str(authority)))
        found.add(authority)
    return frozenset(found)


def _choices(request: web.Request) -> str:
    """The authorities that the viewer may give, for the hint of the form."""
    seen = request[VIEWER].person.authorities or request.app[NODE].directory.hosted
    return " ".join(sorted(map(str, seen)))


def _draw_new(request: web.Request, error: GatewayError | None) -> web.Response:
    """The form, with what was typed."""
    return draw(
        request,
        "person-new.html.j2",
        status=status_of(error) if error else 200,
        typed=request.get(FORM) or {},
        posts=[(post.value, words) for post, words in POSTS.items()],
        choices=_choices(request),
        error=error,
    )


async def _draw_one(request: web.Request, error: GatewayError | None) -> web.Response:
    """One account with its sessions and what can be done."""
    node = request.app[NODE]
    account, sessions = await one_person(request.match_info["id"], node, _manager(request, ""))
    return draw(
        request,
        "person.html.j2",
        status=status_of(error) if error else 200,
        account=account,
        sessions=sessions,
        posts=POSTS,
        choices=_choices(request),
        own=account.person.id == request[VIEWER].person.id,
        error=error,
    )


def _draw_password(request: web.Request, made: LetIn) -> web.Response:
    """The first password of an account."""
    days = request.app[NODE].people.password.initial_days
    return draw(
        request, "person-password.html.j2", person=made.account.person, password=made.password, days=days
    )


def _back(request: web.Request) -> web.Response:
    """To the account that was changed; to the list when it is out of sight now."""
    return see_other(f"{PEOPLE}/{request.match_info['id']}")


_MANAGE = Right.MANAGE_PEOPLE
PAGES = (
    Page("GET", PEOPLE, "console-people", show_list, right=_MANAGE, looks_at="people"),
    Page("GET", f"{PEOPLE}/new", "console-person-new", show_new, right=_MANAGE),
    Page("POST", f"{PEOPLE}/new", "console-person-new-send", take_new, right=_MANAGE),
    Page("GET", PEOPLE + "/{id}", "console-person", show_one, right=_MANAGE, looks_at="person"),
    Page("POST", PEOPLE + "/{id}/change", "console-person-change", take_change, right=_MANAGE),
    Page("POST", PEOPLE + "/{id}/disable", "console-person-disable", take_disable, right=_MANAGE),
    Page("POST", PEOPLE + "/{id}/enable", "console-person-enable", take_enable, right=_MANAGE),
    Page("POST", PEOPLE + "/{id}/password", "console-person-password", take_password, right=_MANAGE),
    Page("POST", PEOPLE + "/{id}/second-factor", "console-person-factor", take_factor, right=_MANAGE),
    Page("POST", PEOPLE + "/{id}/sessions", "console-person-sessions", take_sessions, right=_MANAGE),
)
