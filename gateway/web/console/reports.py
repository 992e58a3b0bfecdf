"""What a Party tells about its trade: annual report and reconciliation, as pages and as files."""

from datetime import date

from aiohttp import web

from gateway.errors import MalformedRequest
from gateway.flows.reconcile import ReconciliationMade, reconcile
from gateway.flows.report_annual import ReportMade, report_annual
from gateway.flows.report_in_turn import Turn, parties_of, report_in_turn
from gateway.people.rights import Right
from gateway.permits.annual import csv_file
from gateway.permits.annual.reconciliation import csv_of
from gateway.permits.annual.remarks import remarks_as_dicts
from gateway.permits.annual.used import Side
from gateway.rendering.annual_html import annual_values
from gateway.rendering.annual_json import annual_dict
from gateway.rendering.reconciliation_html import reconciliation_values
from gateway.web.console.drawing import draw, language_for
from gateway.web.console.page import Page
from gateway.web.console.viewer import VIEWER
from gateway.web.keys import NODE
from gateway.wording import say

TURN = web.AppKey("report-turn", Turn)
FIRST_YEAR = 1975
"""The Convention is in force since 1 July 1975."""
LAST_YEAR = 9998
_FORMS = ("csv", "json")
_SIDES = {"export": Side.EXPORT, "import": Side.IMPORT}


async def show(request: web.Request) -> web.Response:
    """GET /console/reports: what there is to choose."""
    node, boundary = request.app[NODE], request[VIEWER].person.authorities
    return draw(
        request,
        "reports.html.j2",
        parties=parties_of(boundary, node),
        year=node.clock.now().year,
        first=FIRST_YEAR,
    )


async def annual(request: web.Request) -> web.Response:
    """GET /console/reports/annual with Party, year and side: as a page."""
    made = await _annual(request)
    values = annual_values(made.report, made.examined, language_for(request), remarks=made.remarks)
    return draw(request, "report_annual.html.j2", query=request.query_string, values=values)


async def annual_file(request: web.Request) -> web.Response:
    """GET /console/reports/annual.csv or .json: the same as a file."""
    form, made = request.match_info["form"], await _annual(request)
    name = f"annual-{made.report.party}-{made.report.year}-{made.report.side.name.lower()}"
    if form == "csv":
        return _csv(csv_file.write(made.report.rows, made.report.side), name)
    told = annual_dict(made.report, made.examined, language_for(request), remarks=made.remarks)
    return web.json_response(told, headers=_attached(f"{name}.json"))


async def reconciliation(request: web.Request) -> web.Response:
    """GET /console/reports/reconciliation with Party and year: as a page."""
    made = await _reconciliation(request)
    values = reconciliation_values(made.reconciliation, language_for(request), remarks=made.remarks)
    return draw(
        request,
        "report_reconciliation.html.j2",
        query=request.query_string,
        values=values,
        made=made,
        party=request.query["party"],
    )


async def reconciliation_file(request: web.Request) -> web.Response:
    """GET /console/reports/reconciliation.csv or .json: the same as a file."""
    form, made, language = request.match_info["form"], await _reconciliation(request), language_for(request)
    name = f"reconciliation-{request.query['party']}-{_year(request)}"
    if form == "csv":
        return _csv(csv_of(made.reconciliation), name)
    told = {**made.reconciliation.as_dict(language), "remarks": remarks_as_dicts(made.remarks, language)}
    return web.json_response(told, headers=_attached(f"{name}.json"))


async def _annual(request: web.Request) -> ReportMade:
    """The annual report that the address asks for."""
    node, party, year = request.app[NODE], request.query.get("party", ""), _year(request)
    side = _SIDES.get(request.query.get("side", "export"))
    if side is None:
        raise MalformedRequest(say("side is neither export nor import"), advice=say("choose one of the list"))
    return await report_in_turn(
        party,
        request[VIEWER].person.authorities,
        request.app[TURN],
        lambda: report_annual(party, year, side, node, _quiet),
        node,
    )


async def _reconciliation(request: web.Request) -> ReconciliationMade:
    """The reconciliation that the address asks for: of a calendar year."""
    node, party, year = request.app[NODE], request.query.get("party", ""), _year(request)
    return await report_in_turn(
        party,
        request[VIEWER].person.authorities,
        request.app[TURN],
        lambda: reconcile(party, date(year, 1, 1), date(year, 12, 31), node, _quiet),
        node,
    )


def _year(request: web.Request) -> int:
    """The year that the address names; raises `MalformedRequest`."""
    text = request.query.get("year", "")
    if not (text.isascii() and text.isdigit() and FIRST_YEAR <= int(text[:5]) <= LAST_YEAR):
        raise MalformedRequest(
            say("{text} is no year of the Convention", text=repr(text[:20])), advice=say("write it as 2026")
        )
    return int(text)


def _quiet(_count: int) -> None:
    """A page has no bar."""


def _csv(data: bytes, name: str) -> web.Response:
    """A file of rows."""
    return web.Response(body=data, content_type="text/csv", charset="utf-8", headers=_attached(f"{name}.csv"))


def _attached(name: str) -> dict[str, str]:
    """The header that makes a file of an answer; the name is made of what was checked."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


_SEE = Right.SEE_REPORTS
_FORM = "{form:" + "|".join(_FORMS) + "}"

PAGES = (
    Page("GET", "/console/reports", "console-reports", show, _SEE),
    Page("GET", "/console/reports/annual", "console-annual", annual, _SEE, "annual report"),
    Page(
        "GET", f"/console/reports/annual.{_FORM}", "console-annual-file", annual_file, _SEE, "annual report"
    ),
    Page(
        "GET",
        "/console/reports/reconciliation",
        "console-reconciliation",
        reconciliation,
        _SEE,
        "reconciliation",
    ),
    Page(
        "GET",
        f"/console/reports/reconciliation.{_FORM}",
        "console-reconciliation-file",
        reconciliation_file,
        _SEE,
        "reconciliation",
    ),
)
