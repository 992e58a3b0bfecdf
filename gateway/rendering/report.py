"""What the text and the page of a report have in common."""

from gateway.permits.examination import Examination
from gateway.permits.findings import Report, Severity
from gateway.wording import say, translated
from gateway.xmlio.text import one_line

_SEVERITIES = {
    Severity.ERROR: say("error"),
    Severity.WARNING: say("warning"),
    Severity.INFO: say("information"),
}


def severity_word(severity: Severity, language: str) -> str:
    """How bad a finding is, in words."""
    return translated(_SEVERITIES[severity], language)


def subject(examination: Examination, language: str) -> str:
    """Which permit it is, as far as that is known."""
    parts = (examination.version, examination.type_code, examination.issuer, examination.number)
    known = " ".join(part for part in parts if part)
    return one_line(known) if known else translated(say("not a permit that we know"), language)


def conclusion(examination: Examination, language: str) -> str:
    """How many findings of each severity there are."""
    report = examination.report
    words = say(
        "errors: {errors}, warnings: {warnings}", errors=len(report.errors), warnings=len(report.warnings)
    )
    return translated(words, language)


def grouped_reasons(report: Report) -> list[tuple[str, list[str]]]:
    """Rules that were not checked, by the reason why."""
    groups: dict[str, list[str]] = {}
    for skipped in report.not_checked:
        groups.setdefault(skipped.reason, []).append(skipped.rule)
    return list(groups.items())
