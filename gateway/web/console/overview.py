"""What needs somebody now, and how the last day went."""

from collections.abc import Sequence

from aiohttp import web

from gateway.flows.overview import MOST, HourFigures, Lookout, totals
from gateway.people.rights import Right
from gateway.web.console.asking import boundary, person
from gateway.web.console.charts import Chart, nested, stacked
from gateway.web.console.delivery_words import STATES
from gateway.web.console.drawing import draw
from gateway.web.console.needs import count_text, more_needs, needs_of
from gateway.web.console.page import Page

LOOKOUT = web.AppKey("lookout", Lookout)


async def show(request: web.Request) -> web.Response:
    """GET /console: the first page; a part that cannot be read says so, and the others are there."""
    seen = await request.app[LOOKOUT].look(boundary(request))
    more, complete = await more_needs(request)
    who = person(request)
    hours = seen.day.value or []
    away, back, receipted = totals(hours)
    parts = (seen.given_up, seen.queues, seen.silent, seen.ending, seen.lists)
    return draw(
        request,
        "overview.html.j2",
        needs=[*more, *needs_of(seen, who)],
        complete=complete and all(part.value is not None for part in parts),
        seen=seen,
        may_see_messages=who.may(Right.SEE_MESSAGES),
        may_see_log=who.may(Right.SEE_LOG),
        hours=hours,
        charts=_charts(hours) if hours else None,
        away=sorted(away.items(), key=lambda each: -each[1]),
        back=sorted(back.items(), key=lambda each: -each[1]),
        receipted=receipted,
        came=sum(hour.travelled.came for hour in hours),
        went=sum(hour.travelled.went for hour in hours),
        refused=sum(hour.refused for hour in hours),
        bounded=any(hour.travelled.came + hour.travelled.went >= MOST for hour in hours),
        count_text=count_text,
        meanings=STATES,
    )


def _charts(hours: Sequence[HourFigures]) -> dict[str, Chart]:
    """Traffic, latency and refusals by the hour."""
    labels = [f"{hour.span.begin:%H}:00" for hour in hours]
    return {
        "traffic": stacked(
            labels,
            ("solid", [hour.travelled.came for hour in hours]),
            ("hollow", [hour.travelled.went for hour in hours]),
        ),
        "latency": nested(
            labels,
            ("hollow", [hour.slowest or 0.0 for hour in hours]),
            ("solid", [hour.median or 0.0 for hour in hours]),
            unit=" s",
        ),
        "refusals": stacked(labels, ("bad", [hour.refused for hour in hours])),
    }


PAGES = (Page("GET", "/console", "console-overview", show, right=Right.SEE_OVERVIEW),)
