"""The report about a document for a terminal: every finding with its line quoted."""

from collections.abc import Callable, Iterator

from gateway.permits.examination import Examination
from gateway.permits.findings import Finding, Severity
from gateway.rendering.report import conclusion, grouped_reasons, severity_word, subject
from gateway.wording import ENGLISH, say, translated
from gateway.xmlio.text import one_line

QUOTED = 96
"""Characters of a line that are repeated."""

Paint = Callable[[str, str], str]
"""Text and the name of a colour to text; the words alone always suffice."""


def plain(text: str, _colour: str) -> str:
    """No colours."""
    return text


_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_CONCLUSIONS = {"PASSED": "green", "FAILED": "red", "INDETERMINATE": "yellow"}


def report_text(
    examination: Examination, data: bytes, language: str = ENGLISH, paint: Paint = plain
) -> Iterator[str]:
    """
    The report in lines: what the document is, every finding, what was not checked, the conclusion.

    `data` are the bytes that were examined; lines are quoted from them.
    """
    lines = data.split(b"\n")
    yield f"{one_line(examination.name)}: {subject(examination, language)}"
    for finding in examination.report.findings:
        yield from _finding(finding, lines, language, paint)
    for reason, rules in grouped_reasons(examination.report):
        yield f"  {translated(reason, language)}: {', '.join(rules)}"
    word = paint(examination.conclusion, _CONCLUSIONS.get(examination.conclusion, ""))
    yield f"{word}: {conclusion(examination, language)}"


def _finding(finding: Finding, lines: list[bytes], language: str, paint: Paint) -> Iterator[str]:
    """One finding: what, where, the line itself, why."""
    word = severity_word(finding.severity, language)
    message = one_line(translated(finding.message, language))
    yield f"  {paint(f'{word:<13}', _COLOURS[finding.severity])} {message} [{finding.rule}]"
    place = [translated(say("box {box}", box=finding.box), language)] if finding.box else []
    if finding.line:
        place.append(translated(say("line {number}", number=finding.line), language))
    if finding.path:
        place.append(one_line(finding.path))
    if place:
        yield f"    {translated(say('where'), language)}: {', '.join(place)}"
    if finding.line and finding.line <= len(lines):
        yield f"    {finding.line:>5} | {quoted(lines[finding.line - 1])}"
    if finding.source:
        yield f"    {translated(say('why'), language)}: {finding.source}"


def quoted(line: bytes) -> str:
    """A line of the document as it can be shown: no control characters, not too long."""
    text = one_line(line[: 4 * QUOTED].decode("utf-8", errors="replace").expandtabs(2).rstrip("\r"))
    return text if len(text) <= QUOTED else text[: QUOTED - 3] + "..."
