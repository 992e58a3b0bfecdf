"""A checked statement for a terminal: the verdict first, then why, then what it says and what it does not."""

from collections.abc import Iterator

from gateway.permits.statement_report import StatementReport
from gateway.rendering.statement_view import StatementView, view_of
from gateway.rendering.text import columns
from gateway.rendering.voice import Voice
from gateway.wording import say

_LONGEST_LABEL = 30


def statement_text(report: StatementReport, language: str) -> str:
    """The whole text; lines end with a line feed."""
    return "\n".join(_lines(view_of(report, language), Voice(language))) + "\n"


def _lines(view: StatementView, voice: Voice) -> Iterator[str]:
    """From the verdict to what is not proven."""
    yield f"{view.mark} {view.headline}"
    yield ""
    yield from _table([(f"{each.mark} {each.question}", each.sentence) for each in view.checks])
    if view.facts:
        yield ""
        yield from _table(list(view.facts))
        yield from (f"    {'  '.join(line)}" for line in view.lines)
    if view.proven:
        yield ""
        yield voice(say("Proven:"))
        yield from (f"  - {sentence}" for sentence in view.proven)
    yield ""
    yield voice(say("Not proven:"))
    yield from (f"  - {sentence}" for sentence in view.unproven)


def _table(rows: list[tuple[str, str]]) -> Iterator[str]:
    """Labels in a column of their own."""
    wide = min(max((columns(label) for label, _ in rows), default=0), _LONGEST_LABEL) + 2
    for label, text in rows:
        yield f"  {label}{' ' * max(wide - columns(label), 2)}{text}"
