"""Who looks at a page, and how the console finds out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from multidict import MultiDictProxy

from gateway.people.person import Person
from gateway.web.uploads import Uploaded


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who has signed in."""

    person: Person
    csrf: str
    """What each form must send back: only a page that we drew for this session knows it."""
    session: str = ""
    """Id of the session, for the list of them; never what the cookie holds."""


@dataclass(slots=True)
class Gatekeeper:
    """Finds out who asks."""

    admit: Callable[[web.Request], Awaitable[Viewer | None]]
    """None when nobody has signed in."""


VIEWER = web.RequestKey("viewer", Viewer)
FORM = web.RequestKey("form", MultiDictProxy[str])
"""The fields of a POST, when it was proven that one of our own pages sent them."""
FILES = web.RequestKey("files", dict[str, Uploaded])
"""The files of such a form, by field; there for a page that takes them."""
GATEKEEPER = web.AppKey("gatekeeper", Gatekeeper)
