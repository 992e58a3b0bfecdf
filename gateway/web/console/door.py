"""What every page of the console passes through: who, may they, is it our own form, with which headers."""

from http import HTTPStatus

from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from gateway.errors import Forbidden, GatewayError
from gateway.people.csrf import from_elsewhere, is_ours
from gateway.people.rights import RIGHTS, Right
from gateway.web.bodies import read_fields
from gateway.web.console.cookies import COOKIES
from gateway.web.console.drawing import draw_error, see_other
from gateway.web.console.looking import note
from gateway.web.console.page import Page
from gateway.web.console.viewer import FILES, FORM, GATEKEEPER, VIEWER, Viewer
from gateway.web.keys import SPEAKER, TRAIL, Speaker
from gateway.web.uploads import read_upload
from gateway.wording import say

MAX_FORM = 64 * 1024
"""Bytes of a form: a bulk act names a few hundred deliveries."""
MAX_FIELDS = 500
"""Of a form: one for each delivery on a page that can be chosen, and some."""
SIGN_IN = "/console/sign-in"
HSTS = "max-age=31536000"
"""For a year a browser calls this host with TLS only; one that was called without does not listen to it."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def route_of(page: Page) -> web.RouteDef:
    """The route of a page, behind the door."""

    async def through_the_door(request: web.Request) -> web.StreamResponse:
        """
        One request for a page.

        1. From here on whatever goes wrong is told as a page.
        2. Who has not signed in goes to sign in.
        3. The viewer's post must have the right of the page.
        4. A POST must not come from another site, and must come from a form that we drew for this viewer.
        5. The page is drawn. That somebody looks at it is in the message log before it is sent: nobody sees
           what the log does not know. It gets the headers of all pages.

        Raises `Forbidden`, what `read_fields` raises, and what the page raises.
        """
        # 1
        request[SPEAKER] = _SPEAKER
        # 2
        viewer = await request.app[GATEKEEPER].admit(request)
        if viewer is not None:
            request[VIEWER] = viewer
            request[TRAIL].actor = viewer.person.name
        elif page.right is not None:
            return _with_headers(request, see_other(SIGN_IN))
        # 3
        if viewer is not None and page.right is not None:
            require(viewer, page.right)
        # 4
        if page.method == "POST":
            _require_own_site(request)
            fields = MultiDict(await _fields(request, page))
            if viewer is not None:
                _require_own_form(viewer, fields.get("csrf", ""))
            request[FORM] = MultiDictProxy(fields)
        # 5
        answer = await page.draw(request)
        if page.looks_at and answer.status == HTTPStatus.OK:
            await note(request, page.looks_at)
        return _with_headers(request, answer)

    return web.route(page.method, page.path, through_the_door, name=page.name)


async def _fields(request: web.Request, page: Page) -> list[tuple[str, str]]:
    """The fields of a form (step 4); its files, where the page takes them, are put beside."""
    if not page.takes_files:
        return await read_fields(request, MAX_FORM, MAX_FIELDS)
    fields, request[FILES] = await read_upload(request)
    return fields


def require(viewer: Viewer, right: Right) -> None:
    """Raises `Forbidden` when the viewer's post does not have a right."""
    if not viewer.person.may(right):
        posts = ", ".join(post for post, rights in RIGHTS.items() if right in rights)
        raise Forbidden(
            f"{viewer.person.name} ({viewer.person.post}) may not do this", advice=f"ask one of: {posts}"
        )


def _require_own_form(viewer: Viewer, shown: str) -> None:
    """Raises `Forbidden` when a form was not drawn for this viewer (cross-site request forgery)."""
    if not is_ours(shown, viewer.csrf):
        raise Forbidden(
            say("this form was not drawn for your session: nothing was done"),
            advice=say("open the page again and repeat what you did"),
        )


def _require_own_site(request: web.Request) -> None:
    """Raises `Forbidden` when the browser says that another site made it send the form."""
    headers = request.headers
    if from_elsewhere(headers.get("Sec-Fetch-Site", ""), headers.get("Origin", ""), request.host):
        raise Forbidden(
            say("this form was sent by another site: nothing was done"),
            advice=say("open the console yourself; a proxy in front of it must pass on the header Host"),
        )


def _told(request: web.Request, error: GatewayError) -> web.StreamResponse:
    """An error as a page with the headers of all pages."""
    return _with_headers(request, draw_error(request, error))


def _with_headers(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """The answer, with the headers of all pages where it does not say otherwise."""
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if not request.app[COOKIES].plain:
        answer.headers.setdefault("Strict-Transport-Security", HSTS)
    return answer


_SPEAKER = Speaker(_told)
