"""What somebody typed into a search form, as conditions; and which of it may stand in an address."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiDictProxy

from gateway.errors import MalformedRequest
from gateway.people.person import Person
from gateway.permits.identity import MAX_PERMIT_NUMBER, AuthorityId
from gateway.web.console.viewer import FORM, VIEWER

LONGEST = 200
"""Characters of any field of a search."""
PAGE = 50
"""Lines of one page."""
PRIVATE = frozenset({"number"})
"""Fields that never stand in an address: addresses are kept by browsers and proxies."""

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


def boundary(request: web.Request) -> frozenset[AuthorityId]:
    """Whose data the viewer sees; empty: that of all who live here."""
    return person(request).authorities


def person(request: web.Request) -> Person:
    """The one who looks."""
    return request[VIEWER].person


def typed(request: web.Request, names: tuple[str, ...]) -> dict[str, str]:
    """
    The fields of a search, trimmed, from the form or from the address; those that are not given are empty.

    Raises `MalformedRequest` for one that is too long. What may not stand in an address is not read there.
    """
    given: Mapping[str, str] | MultiDictProxy[str] = request.get(FORM) or request.query
    from_form = FORM in request
    fields = {}
    for name in names:
        text = str(given.get(name, "")).strip() if from_form or name not in PRIVATE else ""
        if len(text) > LONGEST:
            raise MalformedRequest("one of the fields is too long", advice="search for less")
        fields[name] = text
    return fields


def address(path: str, fields: Mapping[str, str], **more: str) -> str:
    """A path with the fields that are filled and may stand in an address."""
    shown = {name: text for name, text in {**fields, **more}.items() if text and name not in PRIVATE}
    return f"{path}?{urlencode(shown)}" if shown else path


def is_private(fields: Mapping[str, str]) -> bool:
    """Whether a field is filled that may not stand in an address."""
    return any(fields.get(name) for name in PRIVATE)


def an_authority(text: str) -> AuthorityId | None:
    """The authority of a field; None when it is empty; raises `MalformedRequest`."""
    return AuthorityId.parse(text.upper() if text.count("-") == 0 else text) if text else None


def an_id(text: str) -> str:
    """An id or a cursor of a field; raises `MalformedRequest` for what cannot be one."""
    if text and not _ID.fullmatch(text):
        raise MalformedRequest("this is no id of this gateway", advice="copy the whole id")
    return text


def a_number(text: str) -> str:
    """A permit number of a field; raises `MalformedRequest`."""
    if len(text) > MAX_PERMIT_NUMBER:
        raise MalformedRequest(
            f"a permit number has at most {MAX_PERMIT_NUMBER} characters", advice="give the whole number"
        )
    return text


def a_moment(text: str) -> datetime | None:
    """A time of a field, in UTC; None when it is empty; raises `MalformedRequest`."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise MalformedRequest(
            "this is no time", advice="write a day, or a day and a time: 2026-11-24 or 2026-11-24T15:30 (UTC)"
        ) from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def one_of(kind: Any, text: str) -> Any:
    """A member of an enumeration by its word; None when it is empty; raises `MalformedRequest`."""
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        raise MalformedRequest(
            "one of the choices is not in the list", advice="choose one from the list of the form"
        ) from None


def hours(text: str) -> float:
    """A number of hours of a field; 0 when it is empty; raises `MalformedRequest`."""
    if not text:
        return 0.0
    if not re.fullmatch(r"\d{1,6}", text):
        raise MalformedRequest("hours are a whole number", advice="for example 24")
    return float(text)
