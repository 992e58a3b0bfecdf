"""Annual report and reconciliation in the console: as pages, as files, for whom, and one at a time."""

import asyncio
import csv
import io
import json

import pytest
from support.console import sign_in
from support.exchange import CH_CUSTOMS, CH_MA
from support.gateways import log_of
from support.notices import SEVERAL
from support.permits import NUMBER
from web.console.test_permits import DE_MA, issued, on_a_hub, text_of, written_off

from gateway.errors import GatewayBusy, MalformedRequest
from gateway.flows import report_in_turn as turns
from gateway.flows.report_in_turn import Turn, report_in_turn
from gateway.people.rights import Post, Right
from gateway.web.console.reports import TURN

ANNUAL = "/console/reports/annual"
RECONCILIATION = "/console/reports/reconciliation"
ASKED = "?party=CH&year=2026"


async def used(door) -> None:
    """Thirty of forty pieces left this year."""
    await issued(door, **SEVERAL)
    await written_off(door, "30")


async def test_the_annual_report(ch):
    """What left, not what was permitted; as a page and as files that say the same."""
    await used(ch)
    visitor = sign_in(ch, Post.MA_OFFICER, CH_MA)
    status, _, page = await visitor.see(ANNUAL + ASKED)
    assert status == 200
    assert "Varanus salvator" in page
    rows = list(csv.DictReader(io.StringIO((await visitor.see(f"{ANNUAL}.csv{ASKED}"))[2])))
    assert [(row["TermCode"], row["Quantity"]) for row in rows] == [("LPS", "30")]
    _, headers, text = await visitor.see(f"{ANNUAL}.json{ASKED}&side=export")
    assert headers["Content-Disposition"] == 'attachment; filename="annual-CH-2026-export.json"'
    assert json.loads(text)["rows"] == [dict(row) for row in rows]
    assert (await visitor.see(f"{ANNUAL}{ASKED}&side=import"))[2].count("LPS") == 0


async def test_the_reconciliation(ch):
    """Permits against their use."""
    await used(ch)
    visitor = sign_in(ch, Post.AUDITOR)
    status, _, page = await visitor.see(RECONCILIATION + ASKED)
    assert status == 200
    assert NUMBER in page
    made = json.loads((await visitor.see(f"{RECONCILIATION}.json{ASKED}"))[2])
    assert [permit["number"] for permit in made["permits"]] == [NUMBER]
    assert NUMBER in (await visitor.see(f"{RECONCILIATION}.csv{ASKED}"))[2]


@pytest.mark.parametrize("language", ["fr", "es"])
async def test_in_the_language_of_the_viewer(ch, language):
    """Titles and columns of the page."""
    await used(ch)
    visitor = sign_in(ch, Post.MA_OFFICER, CH_MA, language=language)
    for path in ("/console/reports", ANNUAL + ASKED, RECONCILIATION + ASKED):
        status, headers, page = await visitor.see(path)
        assert (status, headers["Content-Language"]) == (200, language)
        assert "Download as" not in page


async def test_whose_reports_somebody_makes(ch):
    """Those of the Parties of their own Management Authorities; another Party is like none."""
    on_a_hub(ch)
    await used(ch)
    visitor = sign_in(ch, Post.MA_OFFICER, DE_MA)
    page = (await visitor.see("/console/reports"))[2]
    assert '<option value="DE">' in page
    assert '<option value="CH">' not in page
    for path in (ANNUAL, f"{ANNUAL}.csv", f"{ANNUAL}.json", RECONCILIATION, f"{RECONCILIATION}.csv"):
        answers = [await visitor.see(f"{path}?party={party}&year=2026") for party in ("CH", "XX")]
        assert [status for status, _, _ in answers] == [404, 404]
    sign_in(ch, Post.MA_OFFICER, CH_CUSTOMS)
    assert "you belong to none" in text_of((await visitor.see("/console/reports"))[2])


@pytest.mark.parametrize("post", list(Post))
async def test_who_may_see_reports(ch, post):
    """Those whose post has the right."""
    visitor = sign_in(ch, post)
    wanted = 200 if visitor.person.may(Right.SEE_REPORTS) else 403
    for path in ("/console/reports", ANNUAL + ASKED, f"{ANNUAL}.csv{ASKED}", RECONCILIATION + ASKED):
        assert (await visitor.see(path))[0] == wanted


@pytest.mark.parametrize(
    "asked",
    ["?party=CH", "?party=CH&year=1974", "?party=CH&year=9999", "?party=CH&year=x", "?party=CH&year=²"],
)
async def test_a_year_that_is_none(ch, asked):
    """Told as a page, with what to write."""
    for path in (ANNUAL, RECONCILIATION, f"{ANNUAL}.csv"):
        status, _, page = await sign_in(ch, Post.AUDITOR).see(path + asked)
        assert status == 400
        assert "no year of the Convention" in page


async def test_a_side_that_is_none(ch):
    """Neither export nor import."""
    assert (await sign_in(ch, Post.AUDITOR).see(f"{ANNUAL}{ASKED}&side=both"))[0] == 400


async def test_one_report_at_a_time(ch):
    """Whoever comes meanwhile is told to come again; the turn is free afterwards, also after a failure."""
    visitor, turn = sign_in(ch, Post.AUDITOR), ch.application[TURN]
    turn.taken = True
    status, _, page = await visitor.see(ANNUAL + ASKED)
    assert status == 503
    assert "another report is being made" in page
    assert [each.outcome for each in await log_of(ch.node, kind="refused")] == ["gateway_busy"]
    turn.taken = False
    assert (await visitor.see(ANNUAL + ASKED))[0] == 200
    assert turn.taken is False


async def test_a_report_is_bounded(ch, monkeypatch):
    """In permits and in time."""
    await issued(ch)
    turn = Turn()

    async def make() -> str:
        return "made"

    async def never() -> str:
        await asyncio.Event().wait()
        return "made"

    monkeypatch.setattr(turns, "MOST_PERMITS", 1)
    assert await report_in_turn("CH", (), turn, make, ch.node) == "made"
    monkeypatch.setattr(turns, "MOST_PERMITS", 0)
    with pytest.raises(MalformedRequest, match="too many for a page"):
        await report_in_turn("CH", (), turn, make, ch.node)
    monkeypatch.setattr(turns, "MOST_PERMITS", 1)
    monkeypatch.setattr(turns, "MOST_SECONDS", 0.01)
    with pytest.raises(GatewayBusy, match="given up"):
        await report_in_turn("CH", (), turn, never, ch.node)
    assert turn.taken is False
