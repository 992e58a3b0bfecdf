"""The message log as a list, searched by all that stands in it; what was looked for is kept."""

from collections.abc import Mapping
from dataclasses import replace

from aiohttp import web

from gateway.flows.keep_search import find_search, forget_search, keep_search, named_searches
from gateway.flows.search_log import search_log
from gateway.messagelog.entry import EntryKind
from gateway.messagelog.query import LogQuery, check_text, query_of
from gateway.people.rights import Right
from gateway.permits.identity import AuthorityId
from gateway.web.bodies import read_cursor
from gateway.web.console.asking import PAGE, a_moment, a_number, one_of, person, typed
from gateway.web.console.drawing import draw, language_for, see_other, speaker
from gateway.web.console.log.words import KINDS, TONES
from gateway.web.console.viewer import FORM
from gateway.web.keys import NODE

LIST = "/console/log"
TEXTS = (
    *("number", "issuer", "partner", "authority", "actor", "outcome", "error_code"),
    *("message_id", "correlation_id", "text"),
)
FIELDS = (*TEXTS, "kind", "since", "until")


async def show(request: web.Request) -> web.Response:
    """
    GET /console/log: the newest entries, or those of the kept search whose id the address names.

    Raises `NotFound` for the search of somebody else, or one that is forgotten.
    """
    node, viewer = request.app[NODE], person(request)
    search_id, query, name = request.query.get("search", ""), LogQuery(), ""
    if search_id:
        kept = await find_search(read_cursor(search_id, "search"), viewer.id, node)
        query, name = kept.query, kept.name
    before = read_cursor(request.query.get("before", ""))
    query = replace(query, visible_to=visible_to(request), before=before, limit=PAGE)
    speak = speaker(language_for(request))
    return draw(
        request,
        "log.html.j2",
        found=await search_log(query, node),
        fields=_fields(query),
        search_id=search_id,
        name=name,
        named=await named_searches(viewer.id, node),
        before=before,
        searched=bool(query.asked()),
        kinds=[("", speak("all")), *((kind.value, speak(word)) for kind, word in KINDS.items())],
        words=KINDS,
        tones=TONES,
        may_export=viewer.may(Right.EXPORT_LOG),
    )


async def search(request: web.Request) -> web.Response:
    """
    POST /console/log: what was typed is kept under an id of ours, which goes into the address.

    A number or a name never does. With `name` it is kept until it is deleted, else for a day.
    """
    query = _query(typed(request, FIELDS))
    name = request[FORM].get("name", "").strip()
    if not query.asked() and not name:
        return see_other(LIST)
    kept = await keep_search(query, person(request).id, request.app[NODE], name)
    return see_other(f"{LIST}?search={kept.id}")


async def forget(request: web.Request) -> web.Response:
    """POST /console/log/forget: delete one of one's own searches; raises `NotFound`."""
    search_id = read_cursor(request[FORM].get("search", ""), "search")
    await forget_search(search_id, person(request).id, request.app[NODE])
    return see_other(LIST)


def visible_to(request: web.Request) -> frozenset[AuthorityId] | None:
    """Whose entries the viewer sees; None: everybody's."""
    return person(request).authorities or None


def _query(fields: Mapping[str, str]) -> LogQuery:
    """What the form asks for; raises `MalformedRequest`."""
    a_number(fields["number"])
    check_text(fields["text"])
    kind: EntryKind | None = one_of(EntryKind, fields["kind"])
    asked = query_of({name: fields[name] for name in TEXTS if fields[name]})
    since, until = a_moment(fields["since"]), a_moment(fields["until"])
    return replace(asked, kinds=(kind,) if kind else (), since=since, until=until)


def _fields(query: LogQuery) -> dict[str, str]:
    """A query as the form shows it."""
    times = {"since": query.since, "until": query.until}
    return {
        **{name: getattr(query, name) for name in TEXTS},
        "kind": query.kinds[0].value if query.kinds else "",
        **{name: f"{at:%Y-%m-%dT%H:%M}" if at else "" for name, at in times.items()},
    }
