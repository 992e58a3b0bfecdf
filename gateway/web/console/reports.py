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
_RECONCILIATION = "/console/reports/reconciliation"
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


async def annual_csv(request: web.Request) -> web.Response:
    """GET /console/reports/annual.csv: the rows as a file that can be submitted."""
    made = await _annual(request)
    return _csv(csv_file.write(made.report.rows, made.report.side), _annual_name(made))


async def annual_json(request: web.Request) -> web.Response:
    """GET /console/reports/annual.json: the same for programs."""
    made = await _annual(request)
    told = annual_dict(made.report, made.examined, language_for(request), remarks=made.remarks)
    return web.json_response(told, headers=_attached(f"{_annual_name(made)}.json"))


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


async def reconciliation_csv(request: web.Request) -> web.Response:
    """GET /console/reports/reconciliation.csv: the same as a file."""
    made = await _reconciliation(request)
    return _csv(csv_of(made.reconciliation), _reconciliation_name(request))


async def reconciliation_json(request: web.Request) -> web.Response:
    """GET /console/reports/reconciliation.json: the same for programs."""
    made, language = await _reconciliation(request), language_for(request)
    told = {**made.reconciliation.as_dict(language), "remarks": remarks_as_dicts(made.remarks, language)}
    return web.json_response(told, headers=_attached(f"{_reconciliation_name(request)}.json"))


def _annual_name(made: ReportMade) -> str:
    """What the file is called."""
    return f"annual-{made.report.party}-{made.report.year}-{made.report.side.name.lower()}"


def _reconciliation_name(request: web.Request) -> str:
    """What the file is called; both parts were checked."""
    return f"reconciliation-{request.query['party']}-{_year(request)}"


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

PAGES = (
    Page("GET", "/console/reports", "console-reports", show, _SEE),
    Page("GET", "/console/reports/annual", "console-annual", annual, _SEE, "annual report"),
    Page("GET", "/console/reports/annual.csv", "console-annual-csv", annual_csv, _SEE, "annual report"),
    Page("GET", "/console/reports/annual.json", "console-annual-json", annual_json, _SEE, "annual report"),
    Page("GET", _RECONCILIATION, "console-reconciliation", reconciliation, _SEE, "reconciliation"),
    Page(
        "GET",
        f"{_RECONCILIATION}.csv",
        "console-reconciliation-csv",
        reconciliation_csv,
        _SEE,
        "reconciliation",
    ),
    Page(
        "GET",
        f"{_RECONCILIATION}.json",
        "console-reconciliation-json",
        reconciliation_json,
        _SEE,
        "reconciliation",
    ),
)
