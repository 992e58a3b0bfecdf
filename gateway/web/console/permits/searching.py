"""The list of permits, and the search in it."""

from collections.abc import Mapping
from datetime import date

from aiohttp import web

from gateway.errors import MalformedRequest
from gateway.flows.find_permits import PermitPage, find_permits
from gateway.flows.happening_words import STATUSES
from gateway.permits.codes import code_lists
from gateway.permits.identity import MAX_PERMIT_NUMBER
from gateway.permits.notices import PermitStatus
from gateway.permits.query import LONGEST_NAME, PermitQuery
from gateway.web.bodies import read_cursor
from gateway.web.console.drawing import draw, language_for, speaker
from gateway.web.console.permits.words import status_badge
from gateway.web.console.viewer import FORM, VIEWER
from gateway.web.keys import NODE
from gateway.wording import say

FIELDS = (
    *("number", "issuer", "exporter", "importer", "type_code", "status", "species"),
    *("valid_on", "received_from", "received_to"),
)
TYPES = ("E", "R", "I", "O")


async def show(request: web.Request) -> web.Response:
    """GET /console/permits: the newest ones; `before` goes on with older ones."""
    return await _page(request, {}, read_cursor(request.query.get("before", "")))


async def search(request: web.Request) -> web.Response:
    """
    POST /console/permits: those that match.

    A number never stands in an address, so the page after this one is asked for with a form, too. Raises
    `MalformedRequest` for what is no Party, day or status.
    """
    form = request[FORM]
    asked = {name: form.get(name, "").strip() for name in FIELDS}
    return await _page(request, asked, read_cursor(form.get("before", "")))


async def _page(request: web.Request, asked: Mapping[str, str], before: str) -> web.Response:
    """The list, as the form asks for it."""
    node, viewer, speak = request.app[NODE], request[VIEWER], speaker(language_for(request))
    found: PermitPage = await find_permits(query_of(asked), viewer.person.authorities, before, node)
    return draw(
        request,
        "permits.html.j2",
        asked={name: asked.get(name, "") for name in FIELDS},
        searched=any(asked.values()),
        page=found,
        badge=status_badge,
        statuses=[(status.value, speak(word)) for status, word in STATUSES.items()],
        types=[(code, speak(code_lists().permit_type.entries[code].meaning)) for code in TYPES],
        later=bool(before),
    )


def query_of(asked: Mapping[str, str]) -> PermitQuery:
    """What a form asks for; raises `MalformedRequest`."""
    return PermitQuery(
        number=_short(asked.get("number", ""), MAX_PERMIT_NUMBER),
        species=_short(asked.get("species", ""), LONGEST_NAME),
        type_code=_one_of(asked.get("type_code", ""), TYPES),
        status=PermitStatus(_one_of(asked["status"], tuple(PermitStatus))) if asked.get("status") else None,
        issuer=_party(asked.get("issuer", "")),
        exporter=_party(asked.get("exporter", "")),
        importer=_party(asked.get("importer", "")),
        valid_on=_day(asked.get("valid_on", "")),
        received_from=_day(asked.get("received_from", "")),
        received_to=_day(asked.get("received_to", "")),
    )


def _short(text: str, most: int) -> str:
    """Text that may be looked for; raises `MalformedRequest`."""
    if len(text) > most or not text.isprintable():
        raise MalformedRequest(
            say("what is looked for must have at most {most} printable characters", most=most),
            advice=say("write it as it stands in the permit"),
        )
    return text


def _one_of(text: str, words: tuple[str, ...]) -> str:
    """One of a few words, or nothing; raises `MalformedRequest`."""
    if text and text not in words:
        raise MalformedRequest(
            say("there is no choice {text}", text=repr(text[:20])), advice=say("choose one of the list")
        )
    return text


def _party(text: str) -> str:
    """Two letters, or nothing; raises `MalformedRequest`."""
    if text and not (len(text) == 2 and text.isascii() and text.isalpha()):  # noqa: PLR2004 - ISO 3166-1 alpha-2
        raise MalformedRequest(
            say("{text} is not a Party", text=repr(text[:20])),
            advice=say("write the two letters of ISO 3166-1, for example CH"),
        )
    return text.upper()


def _day(text: str) -> date | None:
    """A day, or nothing; raises `MalformedRequest`."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise MalformedRequest(
            say("{text} is not a day", text=repr(text[:20])), advice=say("write it as 2026-11-24")
        ) from None
