"""The report about a document, as text and as a page."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gateway.codec.examine import examine
from gateway.permits.examination import Examination
from gateway.permits.findings import Area, Finding, NotChecked, Report, Severity
from gateway.rendering.report_html import report_html
from gateway.rendering.report_text import QUOTED, quoted, report_text

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
BROKEN = Path(__file__).parents[3] / "fixtures" / "permits" / "broken" / "zero-quantity.xml"


def made(*findings: Finding, **changes: object) -> Examination:
    """An examination with these findings."""
    given = {"name": "a.xml", "digest": "ab" * 32, "at": AT, "profile": "strict", "report": Report(findings)}
    return Examination(**{**given, **changes})  # type: ignore[arg-type]


def finding(message: str = "something is wrong", **changes: object) -> Finding:
    """One finding."""
    given = {"rule": "a.rule", "severity": Severity.ERROR, "area": Area.RULES, "message": message}
    return Finding(**{**given, **changes})  # type: ignore[arg-type]


class _Words(HTMLParser):
    """The text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Remember which elements there are."""
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.words.append(data)


def read(page: str) -> _Words:
    """What a browser reads in a page."""
    reader = _Words()
    reader.feed(page)
    return reader


def test_the_offending_line_is_quoted():
    """The text shows the line itself with its number, the box, the path and the source."""
    data = BROKEN.read_bytes()
    text = "\n".join(report_text(examine(data, name="z.xml", at=AT), data))
    number = data[: data.index(b">0<")].count(b"\n") + 1
    assert f"   {number} |         <ItemQuantity" in text
    assert f"box 11, line {number}, /CITESEPermit/" in text
    assert "FAILED: errors: 1, warnings: 0" in text


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_the_page_says_what_the_text_says(language):
    """Every message, rule, reason and fact is on the page, in each language."""
    data = BROKEN.read_bytes()
    examination = examine(data, name="z.xml", at=AT)
    words = " ".join(read(report_html(examination, data, language)).words)
    for each in examination.as_dict(language)["findings"]:
        assert each["message"] in words
        assert each["rule"] in words
    for skipped in examination.as_dict(language)["not_checked"]:
        assert skipped["rule"] in words
        assert skipped["reason"] in words
    assert examination.digest in words


def test_the_page_marks_the_line():
    """The line is marked by a sign, not only by a colour, between its neighbours."""
    data = b"\n".join(b"line %d" % number for number in range(1, 10))
    page = report_html(made(finding(line=5)), data)
    shown = re.findall(r"<span[^>]*>(.)\s*(\d+)  (line \d)</span>", page)
    assert [(int(number), text) for _, number, text in shown] == [(n, f"line {n}") for n in range(3, 8)]
    assert [mark for mark, number, _ in shown if number == "5"] == ["▶"]


def test_the_page_needs_nothing_from_elsewhere():
    """No script, no link, no picture, no address."""
    page = report_html(made(finding()), b"<a/>")
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(read(page).tags)
    assert "http" not in page
    assert "style=" not in page


def test_what_strangers_wrote_stays_text():
    """Markup and control characters of the document are shown, not obeyed."""
    evil = "<script>alert(1)</script>\x1b[31m\u202e"
    data = evil.encode()
    examination = made(finding(evil, line=1, path=f"/{evil}"), name=evil, number=evil)
    page = report_html(examination, data)
    assert "script" not in read(page).tags
    text = "\n".join(report_text(examination, data))
    for drawn in (page, text):
        assert "\x1b" not in drawn
        assert "\u202e" not in drawn


def test_a_long_line_is_cut():
    """A document of one line does not fill the screen."""
    assert len(quoted(b"x" * 10_000_000)) == QUOTED
    assert quoted("é".encode() * 200).endswith("...")


def test_what_was_not_checked_is_grouped_by_reason():
    """Each reason once, with its rules."""
    skipped = (NotChecked("a.one", "because"), NotChecked("a.two", "because"), NotChecked("b.one", "or"))
    lines = list(report_text(made(report=Report((), skipped)), b""))
    assert "  because: a.one, a.two" in lines
    assert "  or: b.one" in lines


@pytest.mark.parametrize("line", [0, 7, None])
def test_a_line_that_is_not_there_is_not_quoted(line):
    """A line number outside the document does no harm."""
    page = report_html(made(finding(line=line)), b"<a/>\n<b/>")
    assert "<pre>" not in page
    assert list(report_text(made(finding(line=line)), b"<a/>\n<b/>"))
