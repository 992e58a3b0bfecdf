"""A document line by line, with each finding beside the line that it is about."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.permits.findings import Finding, Severity
from gateway.rendering.report import severity_word
from gateway.wording import translated
from gateway.xmlio.text import one_line

MOST_LINES = 2000
"""Lines that a page shows; a permit of ten lines has 600."""
LONGEST_LINE = 400
"""Characters of a line that a page shows; a certificate in a seal has thousands."""
TAB = 2


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding as it stands beside its line, or in the list above."""

    rule: str
    severity: Severity
    word: str
    """How bad it is."""
    message: str
    box: str
    path: str
    source: str
    line: int | None
    """None when it is about no line that the page shows."""


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """One line of the document."""

    number: int
    text: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class MarkedDocument:
    """A document as a page shows it."""

    lines: tuple[MarkedLine, ...]
    marks: tuple[Mark, ...]
    """Every finding, in the order in which they were found."""
    beyond: int
    """Lines at the end that are not shown."""


def marked(data: bytes, findings: Iterable[Finding], language: str) -> MarkedDocument:
    """The document with its findings, in one language; nothing of it can break a page."""
    texts = data.split(b"\n")
    shown = texts[:MOST_LINES]
    marks = [_mark(finding, len(shown), language) for finding in findings]
    by_line: dict[int, list[Mark]] = {}
    for mark in marks:
        if mark.line is not None:
            by_line.setdefault(mark.line, []).append(mark)
    lines = tuple(
        MarkedLine(number, _visible(text), tuple(by_line.get(number, ())))
        for number, text in enumerate(shown, start=1)
    )
    return MarkedDocument(lines, tuple(marks), len(texts) - len(shown))


def _mark(finding: Finding, shown: int, language: str) -> Mark:
    """A finding in words."""
    return Mark(
        rule=finding.rule,
        severity=finding.severity,
        word=severity_word(finding.severity, language),
        message=one_line(translated(finding.message, language)),
        box=finding.box,
        path=one_line(finding.path),
        source=finding.source,
        line=finding.line if finding.line is not None and 0 < finding.line <= shown else None,
    )


def _visible(line: bytes) -> str:
    """A line as it can be shown: no control characters, not too long."""
    text = one_line(line[: 4 * LONGEST_LINE].decode("utf-8", errors="replace").expandtabs(TAB).rstrip("\r"))
    return text if len(text) <= LONGEST_LINE else text[:LONGEST_LINE] + "…"
