"""The report about a document as a page: every finding beside the lines that it is about."""

from dataclasses import dataclass
from datetime import UTC

from gateway.permits.examination import Examination
from gateway.permits.findings import Finding
from gateway.rendering.pages import page
from gateway.rendering.report import conclusion, grouped_reasons, severity_word, subject
from gateway.rendering.report_text import quoted
from gateway.wording import ENGLISH, Words, say, translated
from gateway.xmlio.text import one_line

AROUND = 2
"""Lines shown before and after the one that a finding is about."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the document."""

    number: int
    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class _Card:
    """One finding as the page shows it."""

    rule: str
    severity: str
    word: str
    message: str
    place: str
    path: str
    source: str
    lines: tuple[_Line, ...]


def report_html(examination: Examination, data: bytes, language: str = ENGLISH) -> str:
    """
    The page; `data` are the bytes that were examined.

    One file without scripts and without anything from elsewhere.
    """
    lines = data.split(b"\n")
    return page(
        "report.html.j2",
        language=language,
        name=one_line(examination.name),
        subject=subject(examination, language),
        conclusion=examination.conclusion,
        counts=conclusion(examination, language),
        cards=[_card(finding, lines, language) for finding in examination.report.findings],
        not_checked=[
            (translated(reason, language), rules) for reason, rules in grouped_reasons(examination.report)
        ],
        facts=_facts(examination, language),
        words={name: translated(label, language) for name, label in _LABELS.items()},
    )


_LABELS: dict[str, Words] = {
    "title": say("Report about a permit document"),
    "findings": say("Findings"),
    "none": say("Nothing is wrong with this document."),
    "not_checked": say("Not checked"),
    "about": say("About this report"),
    "why": say("why"),
    "line": say("this line"),
}


def _card(finding: Finding, lines: list[bytes], language: str) -> _Card:
    """One finding with its words and lines."""
    place = [translated(say("box {box}", box=finding.box), language)] if finding.box else []
    if finding.line:
        place.append(translated(say("line {number}", number=finding.line), language))
    return _Card(
        rule=finding.rule,
        severity=finding.severity.value,
        word=severity_word(finding.severity, language),
        message=one_line(translated(finding.message, language)),
        place=", ".join(place),
        path=one_line(finding.path),
        source=finding.source,
        lines=_around(finding.line, lines),
    )


def _around(number: int | None, lines: list[bytes]) -> tuple[_Line, ...]:
    """The line with its neighbours; none when it is not known."""
    if number is None or not 0 < number <= len(lines):
        return ()
    first, last = max(1, number - AROUND), min(len(lines), number + AROUND)
    return tuple(_Line(n, quoted(lines[n - 1]), n == number) for n in range(first, last + 1))


def _facts(examination: Examination, language: str) -> list[tuple[str, str]]:
    """What a reader needs to repeat the examination."""
    species = examination.species_dated
    facts = [
        (say("Checked for the moment"), f"{examination.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"),
        (say("Reading profile"), examination.profile),
        (say("Message version"), examination.version or "-"),
        (say("List of species"), species.isoformat() if species else translated(say("none"), language)),
        (say("SHA-256 of the document"), examination.digest or "-"),
    ]
    return [(translated(label, language), value) for label, value in facts]
