"""The reconciliation as a page: how many permits have what, the permits with findings, then the sums."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gateway.permits.annual.reconciliation import AMOUNTS, Reconciled, Reconciliation, Total, line_of
from gateway.permits.annual.remarks import Remark
from gateway.permits.findings import Severity
from gateway.rendering.annual import AMOUNT_WORDS, counted, period, remarked, shown
from gateway.rendering.pages import page
from gateway.rendering.report import severity_word
from gateway.wording import ENGLISH, Words, say, translated
from gateway.xmlio.text import one_line

MAX_PERMITS = 500
"""Permits on the page, those with the worst findings first; the file has all."""

_RANKS = [*Severity, None]

_LABELS: dict[str, Words] = {
    "title": say("Reconciliation of permits and their use"),
    "counts": say("Findings"),
    "none": say("Permits and their use agree."),
    "permits": say("Permits"),
    "no_permits": say("No permit belongs to this period."),
    "totals": say("Sums by species and term"),
    "line": say("Line"),
    "species": say("Species"),
    "term": say("Term"),
    "apart": say("not added up, because the units do not measure the same"),
}


@dataclass(frozen=True, slots=True)
class _Permit:
    """One permit as the page shows it."""

    name: str
    severity: str
    facts: str
    findings: tuple[tuple[str, str, str], ...]
    lines: tuple[tuple[tuple[str, str], ...], ...]


def reconciliation_html(
    reconciliation: Reconciliation, language: str = ENGLISH, *, remarks: Iterable[Remark] = ()
) -> str:
    """The page: one file without scripts and without anything from elsewhere."""
    return page("reconciliation.html.j2", **reconciliation_values(reconciliation, language, remarks=remarks))


def reconciliation_values(
    reconciliation: Reconciliation, language: str = ENGLISH, *, remarks: Iterable[Remark] = ()
) -> dict[str, Any]:
    """What a page about the reconciliation shows: at most `MAX_PERMITS` permits, and how many are beyond."""
    permits = sorted(reconciliation.permits, key=lambda permit: _RANKS.index(permit.severity))
    words = {name: translated(label, language) for name, label in _LABELS.items()}
    amounts = {name: translated(label, language) for name, label in AMOUNT_WORDS.items()}

    def more(count: int) -> str:
        """How many are not shown; empty when all are."""
        words = say("and {count} more, which the file has", count=count)
        return translated(words, language) if count > 0 else ""

    return {
        "language": language,
        "subject": period(reconciliation, language),
        "summary": translated(
            say("permits: {count}, as of {day}", count=len(permits), day=reconciliation.on), language
        ),
        "counts": counted(reconciliation, language),
        "permits": [_permit(permit, words, amounts, language) for permit in permits[:MAX_PERMITS]],
        "more_permits": more(len(permits) - MAX_PERMITS),
        "remarks": [
            (name, told, more(beyond))
            for name, told, beyond in remarked(remarks, language, limit=MAX_PERMITS)
        ],
        "totals": [_total(each, words, amounts) for each in reconciliation.totals],
        "words": words,
    }


def _permit(permit: Reconciled, words: dict[str, str], amounts: dict[str, str], language: str) -> _Permit:
    """One permit in words."""
    use = permit.use
    facts = [
        (say("last day: {day}", day=use.last_day), use.last_day),
        (say("first used: {day}", day=use.first_used), use.first_used),
        (say("last used: {day}", day=use.last_used), use.last_used),
        (
            say("consignments: {exports} out, {imports} in", exports=use.exports, imports=use.imports),
            use.used,
        ),
    ]
    return _Permit(
        name=one_line(f"{use.ref} {use.permit.type_code}".rstrip()),
        severity=permit.severity.value if permit.severity else "fine",
        facts=", ".join(translated(text, language) for text, known in facts if known),
        findings=tuple(
            (
                finding.severity.value,
                severity_word(finding.severity, language),
                one_line(translated(finding.message, language)),
            )
            for finding in permit.findings
        ),
        lines=tuple(
            _cells(
                {"line": line.letter, "species": line_of(use, line.letter).scientific_name,
                 "term": line_of(use, line.letter).term},
                line, words, amounts,
            )
            for line in use.lines
        ),
    )  # fmt: skip


def _total(total: Total, words: dict[str, str], amounts: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """The sums of one species and term; `≠` where the units do not measure the same."""
    cells = _cells({"species": total.species, "term": total.term}, total, words, amounts)
    apart = {amounts[name] for name in total.apart}
    return tuple((label, "≠" if label in apart else text) for label, text in cells)


def _cells(
    goods: dict[str, str], row: Any, words: dict[str, str], amounts: dict[str, str]
) -> tuple[tuple[str, str], ...]:
    """Label and text of every cell: what the goods are, then the amounts of a line or of a sum."""
    return (
        *((words[name], one_line(text)) for name, text in goods.items()),
        *((amounts[name], shown(getattr(row, name))) for name in AMOUNTS),
    )
