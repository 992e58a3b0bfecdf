"""The annual report as a page: what is wrong first, then the rows, then what is in none."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gateway.permits.annual.columns import COLUMNS, ReportRow
from gateway.permits.annual.remarks import Remark, complete
from gateway.permits.annual.rows import AnnualReport, LeftOut
from gateway.permits.annual.rules import Examined, Grade, RowError
from gateway.rendering.annual import (
    by_reason,
    error_place,
    grade_word,
    remarked,
    report_conclusion,
    report_counts,
    report_subject,
    shown,
)
from gateway.rendering.pages import page
from gateway.wording import ENGLISH, Words, say, translated
from gateway.xmlio.text import one_line

MAX_ROWS = 1_000
"""Rows on the page: a browser draws them at once; the file has all."""
MAX_ERRORS = 500
"""Errors on the page; after the first hundreds the cause is one and the same."""

_CLASSES = {Grade.PRIMARY: "error", Grade.SECONDARY: "warning"}

_LABELS: dict[str, Words] = {
    "title": say("CITES annual report"),
    "errors": say("Errors"),
    "none": say("No row has an error."),
    "rows": say("Rows"),
    "no_rows": say("There are no rows."),
    "left_out": say("In no row"),
    "not_checked": say("Not checked"),
    "why": say("why"),
    "row": say("Row"),
}


@dataclass(frozen=True, slots=True)
class _Error:
    """One error as the page shows it."""

    grade: str
    word: str
    place: str
    rule: str
    message: str
    source: str


def annual_html(
    report: AnnualReport, examined: Examined, language: str = ENGLISH, *, remarks: Iterable[Remark] = ()
) -> str:
    """
    The page; `examined` is what the rules say about the rows of `report`, `remarks` is told beside them.

    One file without scripts and without anything from elsewhere.
    """
    return page("annual.html.j2", **annual_values(report, examined, language, remarks=remarks))


def annual_values(
    report: AnnualReport, examined: Examined, language: str = ENGLISH, *, remarks: Iterable[Remark] = ()
) -> dict[str, Any]:
    """
    What a page about the report shows.

    At most `MAX_ROWS` rows and `MAX_ERRORS` errors, primary ones first, and how many there are beyond.
    """
    columns, told = COLUMNS[report.side], tuple(remarks)
    whole = complete(told)
    return {
        "language": language,
        "subject": report_subject(report, language),
        "verdict": "PASSED" if examined.acceptable and whole else "FAILED",
        "conclusion": report_conclusion(examined, language, whole=whole),
        "counts": report_counts(report, examined, language),
        "errors": [_error(error, language) for error in examined.errors[:MAX_ERRORS]],
        "more_errors": _more(len(examined.errors) - MAX_ERRORS, language),
        "remarks": _remarks(told, language),
        "columns": columns,
        "rows": [_cells(row, columns) for row in report.rows[:MAX_ROWS]],
        "more_rows": _more(len(report.rows) - MAX_ROWS, language),
        "left_out": [_left_out(each, language) for each in report.left_out[:MAX_ROWS]],
        "more_left_out": _more(len(report.left_out) - MAX_ROWS, language),
        "not_checked": by_reason(examined.not_checked, language),
        "words": {name: translated(label, language) for name, label in _LABELS.items()},
    }


def _error(error: RowError, language: str) -> _Error:
    """One error in words."""
    return _Error(
        grade=_CLASSES[error.grade],
        word=grade_word(error.grade, language),
        place=error_place(error, language),
        rule=error.rule,
        message=one_line(translated(error.message, language)),
        source=error.source,
    )


def _cells(row: ReportRow, columns: tuple[str, ...]) -> list[tuple[str, str]]:
    """Every column with what stands in it."""
    return [(column, one_line(row.cell(column))) for column in columns]


def _left_out(each: LeftOut, language: str) -> tuple[str, str, str, str]:
    """Permit and line, day, amount, and the reason."""
    used = each.used
    permit = one_line(f"{used.ref} {used.line.letter}".rstrip())
    return permit, used.on.isoformat(), shown(used.quantity), translated(each.reason, language)


def _remarks(remarks: Iterable[Remark], language: str) -> list[tuple[str, list[tuple[str, str]], str]]:
    """For each kind its name, permits with sentences, and how many are not shown."""
    groups = remarked(remarks, language, limit=MAX_ERRORS)
    return [(name, shown_ones, _more(beyond, language)) for name, shown_ones, beyond in groups]


def _more(count: int, language: str) -> str:
    """How many are not shown; empty when all are."""
    return translated(say("and {count} more, which the file has", count=count), language) if count > 0 else ""
