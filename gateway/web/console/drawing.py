"""Templates to pages of the console, in the language of the viewer."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import DictLoader, Environment, StrictUndefined, Template

from gateway import __version__, wording
from gateway.errors import GatewayError
from gateway.rendering.statement_page import NAMES
from gateway.web.console.menu import menu
from gateway.web.console.viewer import VIEWER, Viewer
from gateway.web.keys import CORRELATION, NODE
from gateway.web.language import language_of
from gateway.web.problems import status_of
from gateway.wording import LANGUAGES, say, translated

_TEMPLATES = Path(__file__).resolve().parent / "templates"


@cache
def environment() -> Environment:
    """The templates of the console: everything escaped, nothing missing in silence."""
    made: Environment = Environment(
        loader=DictLoader({each.name: each.read_text(encoding="utf-8") for each in _TEMPLATES.glob("*.j2")}),
        autoescape=True,
        auto_reload=False,  # looking for a newer file at each page would block the event loop
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"moment": moment, "iso": iso, "spoken": spoken}
    return made


@cache
def _template(name: str) -> Template:
    """Compiled once."""
    return environment().get_template(name)


@cache
def warm() -> None:
    """
    Once, read every file and every sentence; the first visitor would block the event loop.

    A template is compiled when it is first drawn, in some 20 ms: all of them would make each start a second
    longer.
    """
    style()
    environment()
    for language in LANGUAGES:
        translated(say("Overview"), language)


@cache
def style() -> str:
    """The style sheet of every page: what all have in common first, then what some have of their own."""
    files = sorted(_TEMPLATES.glob("*.css"), key=lambda file: (file.name != "console.css", file.name))
    return "".join(file.read_text(encoding="utf-8") for file in files)


def language_for(request: web.Request) -> str:
    """That of the link, else that of the viewer, else that of the browser."""
    asked = request.query.get("language", "")
    viewer: Viewer | None = request.get(VIEWER)
    if viewer is not None and asked not in LANGUAGES:
        return viewer.person.language
    return language_of(request)


def speaker(language: str) -> Callable[..., str]:
    """What templates call as `say("...", name=value)`; sentences among the values are translated too."""
    return partial(_said, language)


def _said(language: str, template: str, /, **values: Any) -> str:
    """One sentence in one language; a sentence that was made with `say` may be given whole."""
    return translated(wording.say(template, **values) if values else template, language)


def draw(
    request: web.Request,
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> web.Response:
    """
    A page from a template that extends `base.html.j2`.

    A template gets `values`, and: `say`, `viewer` (None when nobody has signed in), `menu`, `language`,
    `languages`, `path`, `now`, `version`.
    """
    viewer, language = request.get(VIEWER), language_for(request)
    text = _template(template).render(
        say=speaker(language),
        viewer=viewer,
        menu=menu(viewer.person, request.path) if viewer is not None else [],
        language=language,
        languages=[(code, NAMES[code]) for code in LANGUAGES],
        path=request.path,
        now=request.app[NODE].clock.now(),
        version=__version__,
        **values,
    )
    return web.Response(
        text=text,
        status=status,
        content_type="text/html",
        charset="utf-8",
        headers={"Content-Language": language} | (headers or {}),
    )


def draw_error(request: web.Request, error: GatewayError) -> web.Response:
    """The page that says what was turned away, why, and what to do."""
    return draw(
        request, "error.html.j2", status=status_of(error), error=error, correlation=request[CORRELATION]
    )


def see_other(address: str) -> web.Response:
    """Go on to another page of ours, with GET (RFC 9110, 15.4.4)."""
    return web.Response(status=303, headers={"Location": address})


def spoken(choices: Iterable[tuple[str, str]], speak: Callable[..., str]) -> list[tuple[str, str]]:
    """The choices of a list, each with its name in the language of the viewer."""
    return [(value, speak(name)) for value, name in choices]


def moment(at: datetime | None) -> str:
    """For people: `2026-11-24 15:04:05 UTC`; a dash when there is none."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if at is not None else "–"  # noqa: RUF001


def iso(at: datetime) -> str:
    """For programs, in the attribute of a `time` element."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
