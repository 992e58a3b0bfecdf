"""What is told beside a report, in text and on the page."""

import pytest

from gateway.cli.report_text import MAX_REMARKS, annual_lines, remark_lines
from gateway.permits.annual.remarks import About, Remark, complete, in_order
from gateway.permits.annual.rows import AnnualReport
from gateway.permits.annual.rules import Examined
from gateway.permits.annual.used import Side
from gateway.permits.identity import PermitRef
from gateway.rendering.annual_html import annual_html
from gateway.rendering.annual_json import annual_dict
from gateway.wording import LANGUAGES, say

REPORT = AnnualReport("CH", 2026, Side.EXPORT, ())
GOOD = Examined(())


def remark(about: About = About.UNPROVEN, number: str = "CH-1") -> Remark:
    return Remark(about, PermitRef("CH", number), say("not counted"))


def test_the_worst_comes_first():
    """Then issuer and number."""
    given = [remark(about, number) for about in reversed(About) for number in ("B", "A")]
    found = [(each.about, each.ref.number) for each in in_order(given)]
    assert found == [(about, number) for about in About for number in ("A", "B")]


@pytest.mark.parametrize(
    ("about", "whole"), [(About.UNPROVEN, False), (About.NOT_COUNTED, True), (About.AS_PERMITTED, True)]
)
def test_a_report_without_a_permit_that_belongs_into_it_is_not_complete(about: About, whole: bool):  # noqa: FBT001
    """The last line, the page and the JSON agree on that."""
    remarks = (remark(about),)
    assert complete(remarks) is whole
    assert annual_dict(REPORT, GOOD, remarks=remarks)["complete"] is whole
    *_, last = annual_lines(REPORT, GOOD, remarks=remarks)
    assert last.startswith("can be submitted" if whole else "is not complete")
    page = annual_html(REPORT, GOOD, remarks=remarks)
    assert ('class="verdict PASSED"' in page) is whole


def test_a_terminal_shows_the_first_of_many():
    """How many there are beyond is said; up to the limit all are shown."""
    many = [remark(number=f"CH-{number}") for number in range(MAX_REMARKS + 1)]
    assert len(list(remark_lines(many[:-1], "en"))) == MAX_REMARKS
    *shown, last = remark_lines(many, "en")
    assert (len(shown), last.strip()) == (
        MAX_REMARKS,
        "not in the report  and 1 more; --json tells them all",
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_cannot_write_into_the_page(language: str):
    """A permit number is what a stranger wrote."""
    page = annual_html(REPORT, GOOD, language, remarks=(remark(number="<script>"),))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
