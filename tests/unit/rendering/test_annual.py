"""Annual report and reconciliation, as pages and as text: all that is in them, in each language."""

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from unit.permits.annual.used_builder import ON, ROW, amount, row, unused, use, used
from unit.permits.permit_builder import GOOD

from gateway.cli.report_text import annual_lines, reconciliation_lines
from gateway.permits.annual.columns import COLUMNS
from gateway.permits.annual.comparing import Difference
from gateway.permits.annual.reconciliation import reconcile
from gateway.permits.annual.rows import AnnualReport, LeftOut, annual_report
from gateway.permits.annual.rules import examine
from gateway.permits.annual.used import LineUse, Side
from gateway.permits.identity import PermitRef
from gateway.permits.values import Identifier
from gateway.rendering import annual_html as annual_page
from gateway.rendering import reconciliation_html as reconciliation_page
from gateway.rendering.annual import AMOUNT_WORDS, DIFFERENCE_WORDS, counted, shown
from gateway.rendering.annual_html import annual_html
from gateway.rendering.annual_json import annual_dict
from gateway.rendering.reconciliation_html import reconciliation_html
from gateway.wording import LANGUAGES, say, translated

EVIL = "<script>alert(1)</script>\x1b[31m\u202e"
languages = pytest.mark.parametrize("language", LANGUAGES)


class _Reader(HTMLParser):
    """Elements, attributes and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.cells: list[dict[str, str]] = []
        self._label = None

    def handle_starttag(self, tag, attrs):
        """Remember what there is; each row of a table begins a new set of cells."""
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "tr":
            self.cells.append({})
        self._label = dict(attrs).get("data-label") if tag == "td" else None
        if self._label:
            self.cells[-1][self._label] = ""

    def handle_data(self, data):
        """Keep the text, that of a cell by its label."""
        self.words.append(data)
        if self._label:
            self.cells[-1][self._label] = data
            self._label = None


def read(page):
    reader = _Reader()
    reader.feed(page)
    return reader


def made(*rows, side=Side.EXPORT, left_out=()):
    """A report with these rows, and what the rules say."""
    report = AnnualReport("CH", 2026, side, rows, left_out)
    return report, examine(rows, party="CH", side=side)


def year(*uses):
    return reconcile(uses, first=date(2026, 1, 1), last=date(2027, 12, 31), on=date(2027, 12, 31))


BAD = use(
    LineUse("A", amount("250"), amount("251"), amount("252"), amount("253"), amount("-1")),
    LineUse("B", amount("10"), amount("5", "BOX")),
    exports=2,
)
"""Much is wrong with it."""


@languages
def test_the_page_of_the_report_says_all(language):
    """Every row, every error with its rule and source, and what was not checked."""
    report, examined = made(ROW, row(partner="UK"), row(partner="CH"))
    page = read(annual_html(report, examined, language))
    words = " ".join(page.words)
    shape = annual_dict(report, examined, language)
    for error in shape["errors"]:
        assert {error["message"], error["rule"], error["source"]} <= set(
            re.split(r"\n|: (?=Species\+)", "\n".join(page.words))
        )
    for skipped in shape["not_checked"]:
        assert skipped["rule"] in words
        assert skipped["reason"] in words
    told = [
        {column: text for column, text in cells.items() if column in COLUMNS[Side.EXPORT]}
        for cells in page.cells
        if cells
    ]
    assert told == shape["rows"]


def test_primary_errors_stand_first_on_the_page():
    """Before the secondary ones and before the rows."""
    page = annual_html(*made(row(partner="CH"), row(partner="UK")))
    assert page.index('class="card error"') < page.index('class="card warning"') < page.index("<table>")


@pytest.mark.parametrize(
    ("partner", "verdict", "words"),
    [
        ("FR", "PASSED", "can be submitted"),
        ("CH", "PASSED", "can be submitted"),
        ("UK", "FAILED", "cannot be"),
    ],
)
def test_the_page_says_whether_the_report_can_be_submitted(partner, verdict, words):
    """A secondary error does not stop it; the words say it, not only a colour."""
    report, examined = made(row(partner=partner))
    page = annual_html(report, examined)
    assert f'class="verdict {verdict}"' in page
    assert words in page
    assert words in list(annual_lines(report, examined))[-1]


def test_what_is_in_no_row_is_told():
    """Permit, line, day, amount and reason."""
    report = annual_report([used(amount("0"))], party="CH", year=2026, side=Side.EXPORT)
    examined = examine(report.rows, party="CH", side=Side.EXPORT)
    words = "".join(read(annual_html(report, examined)).words)
    assert "CH CH-2026-000123 A, 2026-12-01, 0 NAR: nothing crossed" in words
    assert "There are no rows." in words
    assert "  CH CH-2026-000123 A, 2026-12-01, 0 NAR: nothing crossed" in list(annual_lines(report, examined))
    (left,) = annual_dict(report, examined)["left_out"]
    assert left == {
        "issuer": "CH", "number": "CH-2026-000123", "line": "A", "on": "2026-12-01", "quantity": "0 NAR",
        "reason": "nothing crossed",
    }  # fmt: skip


def test_a_long_report_is_cut_and_says_so(monkeypatch):
    """The page shows the first rows, errors and left out lines, and how many there are beyond."""
    monkeypatch.setattr(annual_page, "MAX_ROWS", 2)
    monkeypatch.setattr(annual_page, "MAX_ERRORS", 2)
    rows = [row(export_permit=f"CH-{number}", partner="CH") for number in range(5)]
    left = tuple(LeftOut(used(), say("nothing crossed")) for _ in range(5))
    page = annual_html(*made(*rows, left_out=left))
    assert page.count("and 3 more, which the file has") == 3
    assert len([cells for cells in read(page).cells if cells]) == 2
    assert page.count('class="card ') == 2
    assert "more, which" not in annual_html(*made(*rows[:2], left_out=left[:2]))


@languages
def test_the_page_of_the_reconciliation_says_all(language):
    """Every permit with its amounts and findings, and how many have each."""
    reconciliation = year(BAD, unused())
    html = reconciliation_html(reconciliation, language)
    page = read(html)
    words = " ".join(page.words)
    for permit in reconciliation.as_dict(language)["permits"]:
        assert permit["number"] in words
        for finding in permit["findings"]:
            assert finding["message"] in words
    for label, count in counted(reconciliation, language):
        assert f"<dt>{label}</dt><dd>{count}</dd>" in html
    labels = {name: translated(label, language) for name, label in AMOUNT_WORDS.items()}
    first = next(cells for cells in page.cells if cells)
    assert {name: first[label] for name, label in labels.items()} == {
        "authorised": "250 NAR", "exported": "251 NAR", "imported": "252 NAR", "dead": "253 NAR",
        "left": "-1 NAR",
    }  # fmt: skip
    assert "≠" in words


def test_the_worst_permits_stand_first():
    """Errors before warnings before what agrees."""
    fine = use(permit=replace(GOOD, number=Identifier("A-1")))
    page = reconciliation_html(year(fine, unused(), BAD))
    assert page.index("card error") < page.index("card warning") < page.index("card fine")


def test_many_permits_are_cut_and_it_is_said(monkeypatch):
    """The page shows the worst, and how many there are beyond."""
    monkeypatch.setattr(reconciliation_page, "MAX_PERMITS", 1)
    page = reconciliation_html(year(unused(), BAD))
    assert "and 1 more, which the file has" in page
    assert ("card error" in page, "card warning" in page) == (True, False)
    assert "more, which" not in reconciliation_html(year(BAD))


@pytest.mark.parametrize(("uses", "words"), [((), "No permit belongs"), ((use(),), "their use agree")])
def test_nothing_to_say_is_said(uses, words):
    """An empty period, and one without findings."""
    assert words in reconciliation_html(year(*uses))


def test_the_text_of_the_reconciliation_says_all():
    """Findings with their amounts, then the counts."""
    lines = list(reconciliation_lines(year(BAD, use())))
    assert lines[0] == "2026-01-01 to 2027-12-31"
    text = "\n".join(lines)
    for finding in year(BAD).permits[0].findings:
        assert f"{finding.message} [{finding.difference.value}]" in text
    assert (
        "    A Alligator mississippiensis: Authorised 250 NAR, Exported 251 NAR, Imported 252 NAR, "
        "Dead 253 NAR, Left -1 NAR"
    ) in lines
    assert "permits: 2, as of 2027-12-31" in lines
    assert "  used for more consignments than it is for: 1" in lines


def test_the_text_of_the_report_says_where():
    """Grade, sentence, rule; row, column and what stands there."""
    lines = list(annual_lines(*made(row(partner="UK"))))
    assert lines[0] == "CH 2026, exports"
    assert lines[1].startswith("  primary error  'UK' is no country")
    assert lines[2] == "    where: row 1, TradingPartner: UK"
    assert lines[-1] == "cannot be submitted: rows: 1, primary errors: 1, secondary errors: 0"


def test_colours_are_given_to_words_only():
    """The painter gets the word and its colour; without it the text is the same."""
    painted = list(annual_lines(*made(row(partner="UK")), paint=lambda text, colour: f"<{colour}>{text}"))
    assert any("<red>primary error" in line for line in painted)
    assert list(reconciliation_lines(year(BAD), paint=lambda text, _: text)) == list(
        reconciliation_lines(year(BAD))
    )


def test_the_pages_need_nothing_from_elsewhere():
    """No script, no link, no picture, no address; fit for a phone."""
    for page in (annual_html(*made(ROW, row(term="ZZZ"))), reconciliation_html(year(BAD))):
        reader = read(page)
        assert not {"script", "link", "img", "iframe", "object", "form"} & set(reader.tags)
        assert not {"style", "onclick", "src", "href"} & reader.attributes
        assert "http" not in page
        assert 'name="viewport"' in page
        assert "@media (max-width: 48rem)" in page


def test_what_strangers_wrote_stays_text():
    """Markup and control characters of a permit are shown, not obeyed."""
    report, examined = made(row(species=EVIL, unit=EVIL, export_permit=f"={EVIL}"), side=Side.IMPORT)
    evil = use(LineUse(EVIL, amount("1", EVIL), amount("1", "KGM")), exports=2)
    reconciliation = year(replace(evil, ref=PermitRef("CH", EVIL)))
    drawn = [
        annual_html(report, examined),
        reconciliation_html(reconciliation),
        "\n".join(annual_lines(report, examined)),
        "\n".join(reconciliation_lines(reconciliation)),
    ]
    for text in drawn:
        assert "\x1b" not in text
        assert "\u202e" not in text
    for page in drawn[:2]:
        assert "script" not in read(page).tags


@languages
def test_everything_has_words(language):
    """Each finding of a reconciliation and each amount is called something."""
    assert set(DIFFERENCE_WORDS) == set(Difference)
    said = [translated(words, language) for words in (*DIFFERENCE_WORDS.values(), *AMOUNT_WORDS.values())]
    assert len(set(said)) == len(said)


def test_an_amount_that_nobody_said_is_a_dash():
    """And no unit is a number of specimens."""
    assert (shown(None), shown(amount("1.50", None)), ON.year) == ("-", "1.5 NAR", 2026)
