"""The page of one permit: what customs may rely on, what happened, the ledger, changes of status."""

from aiohttp import web

from gateway.flows.happening_words import SIDES, words_of_notice
from gateway.flows.open_permit import OpenedPermit, open_permit
from gateway.flows.permit_timeline import timeline_of
from gateway.flows.validity_shape import validity_as_dict
from gateway.people.rights import Right
from gateway.permits.codes import code_lists
from gateway.permits.lifecycle import in_order
from gateway.permits.notices import Endorsement, PermitStatus, Reversal, StatusChange
from gateway.permits.verdict import Weight
from gateway.web.console.drawing import draw, language_for
from gateway.web.console.permits.words import (
    AUDIENCES,
    DATES,
    VERDICTS,
    WEIGHTS,
    sentence_of,
    status_badge,
)
from gateway.web.console.viewer import VIEWER
from gateway.web.keys import NODE, TRAIL
from gateway.wording import Words


async def show(request: web.Request) -> web.Response:
    """GET /console/permits/ID, where the id is ours; raises `NotFound`."""
    node, boundary, trail = request.app[NODE], request[VIEWER].person.authorities, request[TRAIL]
    opened = await open_permit(request.match_info["id"], boundary, node, trail)
    told = validity_as_dict(opened.answer, language_for(request))
    verdict, may = opened.answer.verdict, request[VIEWER].person.may
    status = PermitStatus(told["status"]) if told.get("status") else None
    return draw(
        request,
        "permit.html.j2",
        opened=opened,
        told=told,
        verdict=VERDICTS[verdict],
        sentence=sentence_of(verdict, str(opened.seat)),
        badge=status_badge(status),
        audience=AUDIENCES[opened.audience],
        dates=DATES.get(told.get("dates") or ""),
        weights={weight.value: WEIGHTS[weight] for weight in Weight},
        type_of=code_lists().permit_type.get(opened.record.type_code),
        endorsements=_endorsements(opened),
        changes=_changes(opened),
        sides=SIDES,
        timeline=await timeline_of(opened, boundary, node),
        may_see_log=may(Right.SEE_LOG),
        may_see_messages=may(Right.SEE_MESSAGES),
    )


def _endorsements(opened: OpenedPermit) -> list[tuple[Endorsement | Reversal, bool]]:
    """What customs wrote off and took back, and whether it counts; nothing for whom it is not told."""
    if not opened.whole or opened.answer.facts is None:
        return []
    counted = opened.answer.facts.counted
    said = in_order(each.notice for each in opened.notices)
    return [(each, each in counted) for each in said if isinstance(each, (Endorsement, Reversal))]


def _changes(opened: OpenedPermit) -> list[tuple[StatusChange, Words]]:
    """The changes of status that count, each with its sentence."""
    facts = opened.answer.facts
    return [(each, words_of_notice(each)) for each in facts.history] if facts else []
