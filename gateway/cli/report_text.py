"""Annual report and reconciliation for a person at a terminal, and as JSON for programs."""

from collections.abc import Iterable, Iterator

from gateway.permits.annual.reconciliation import AMOUNTS, Reconciled, Reconciliation, line_of
from gateway.permits.annual.remarks import Remark, complete
from gateway.permits.annual.rows import AnnualReport
from gateway.permits.annual.rules import Examined, Grade
from gateway.permits.findings import Severity
from gateway.rendering.annual import (
    AMOUNT_WORDS,
    by_reason,
    counted,
    error_place,
    grade_word,
    period,
    remarked,
    report_conclusion,
    report_counts,
    report_subject,
    shown,
)
from gateway.rendering.report import severity_word
from gateway.rendering.report_text import Paint, plain
from gateway.wording import ENGLISH, say, translated
from gateway.xmlio.text import one_line

MAX_REMARKS = 20
"""Remarks of one kind on a terminal; the JSON has all."""

_GRADE_COLOURS = {Grade.PRIMARY: "red", Grade.SECONDARY: "yellow"}
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def annual_lines(
    report: AnnualReport,
    examined: Examined,
    language: str = ENGLISH,
    paint: Paint = plain,
    *,
    remarks: Iterable[Remark] = (),
) -> Iterator[str]:
    """Lines of text: whose report, every error, remarks, what is in no row or not checked, the conclusion."""
    yield report_subject(report, language)
    for error in examined.errors:
        word = paint(grade_word(error.grade, language), _GRADE_COLOURS[error.grade])
        yield f"  {word}  {one_line(translated(error.message, language))} [{error.rule}]"
        yield f"    {translated(say('where'), language)}: {error_place(error, language)}"
    told = tuple(remarks)
    yield from remark_lines(told, language)
    for each in report.left_out:
        used = each.used
        left = f"{used.ref} {used.line.letter}, {used.on}, {shown(used.quantity)}"
        yield f"  {one_line(left)}: {translated(each.reason, language)}"
    for reason, rules in by_reason(examined.not_checked, language):
        yield f"  {reason}: {', '.join(rules)}"
    whole = complete(told)
    conclusion = report_conclusion(examined, language, whole=whole)
    word = paint(conclusion, "green" if examined.acceptable and whole else "red")
    yield f"{word}: {report_counts(report, examined, language)}"


def reconciliation_lines(
    reconciliation: Reconciliation,
    language: str = ENGLISH,
    paint: Paint = plain,
    *,
    remarks: Iterable[Remark] = (),
) -> Iterator[str]:
    """Lines of text: the period, every permit with a finding and its amounts, remarks, and the counts."""
    yield period(reconciliation, language)
    for permit in reconciliation.permits:
        if permit.findings:
            yield from _permit_lines(permit, language, paint)
    yield from remark_lines(remarks, language)
    yield translated(
        say("permits: {count}, as of {day}", count=len(reconciliation.permits), day=reconciliation.on),
        language,
    )
    for label, count in counted(reconciliation, language):
        yield f"  {label}: {count}"


def remark_lines(remarks: Iterable[Remark], language: str) -> Iterator[str]:
    """The remarks beside a report by their kinds, of each kind the first ones."""
    for name, told, beyond in remarked(remarks, language, limit=MAX_REMARKS):
        for permit, message in told:
            yield f"  {name}  {permit}: {message}"
        if beyond:
            more = say("and {count} more; --json tells them all", count=beyond)
            yield f"  {name}  {translated(more, language)}"


def _permit_lines(permit: Reconciled, language: str, paint: Paint) -> Iterator[str]:
    """One permit: its findings, then a line for each of its lines."""
    use = permit.use
    yield f"  {one_line(str(use.ref))}"
    for finding in permit.findings:
        word = paint(severity_word(finding.severity, language), _COLOURS[finding.severity])
        yield f"    {word}  {one_line(translated(finding.message, language))} [{finding.difference.value}]"
    for line in use.lines:
        amounts = ", ".join(
            f"{translated(AMOUNT_WORDS[name], language)} {shown(getattr(line, name))}" for name in AMOUNTS
        )
        yield f"    {one_line(f'{line.letter} {line_of(use, line.letter).scientific_name}')}: {amounts}"
