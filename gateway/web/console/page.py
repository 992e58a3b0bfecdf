"""What a page of the console is: an address, a right, and the one who draws it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from gateway.people.rights import Right

Draw = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Page:
    """One route of the console."""

    method: str
    """GET or POST."""
    path: str
    """Below `/console`; no permit number stands in it, only ids of ours."""
    name: str
    """Of the route, as metrics and the running log call it: begins with `console-`."""
    draw: Draw
    right: Right | None
    """What the viewer's post must have; None: a page for whoever has not signed in."""
    looks_at: str = ""
    """What the message log says that somebody has looked at; empty for pages that show nobody's data."""
    takes_files: bool = False
    """Whether its form carries files (`multipart/form-data`), and may be as long as a document."""
