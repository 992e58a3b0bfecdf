"""What the texts and the pages of annual report and reconciliation have in common."""

from collections.abc import Iterable

from gateway.permits.annual.columns import plain
from gateway.permits.annual.comparing import Difference
from gateway.permits.annual.reconciliation import Reconciliation
from gateway.permits.annual.remarks import About, Remark
from gateway.permits.annual.rows import AnnualReport
from gateway.permits.annual.rules import Examined, Grade, RowError
from gateway.permits.annual.used import Side
from gateway.permits.findings import NotChecked
from gateway.permits.quantities import Quantity
from gateway.wording import Words, say, translated
from gateway.xmlio.text import one_line

_GRADES = {Grade.PRIMARY: say("primary error"), Grade.SECONDARY: say("secondary error")}
_SIDES = {Side.EXPORT: say("exports"), Side.IMPORT: say("imports")}

AMOUNT_WORDS: dict[str, Words] = {
    "authorised": say("Authorised"),
    "exported": say("Exported"),
    "imported": say("Imported"),
    "dead": say("Dead"),
    "left": say("Left"),
}
"""What the amounts of a line are called."""

DIFFERENCE_WORDS: dict[Difference, Words] = {
    Difference.NEVER_USED: say("not used so far"),
    Difference.EXPIRED_UNUSED: say("never used, and expired"),
    Difference.USED_AFTER_EXPIRY: say("used after the last day"),
    Difference.USED_TWICE: say("used for more consignments than it is for"),
    Difference.MORE_THAN_AUTHORISED: say("more than authorised"),
    Difference.DIFFERS: say("exported and imported differ"),
    Difference.MORE_IMPORTED: say("more imported than exported"),
    Difference.ARRIVAL_UNKNOWN: say("arrival not known"),
    Difference.MORE_DEAD: say("more dead than imported"),
    Difference.NOT_COMPARABLE: say("amounts that cannot be compared"),
}
"""What the findings of a reconciliation are called in a count."""

ABOUT_WORDS: dict[About, Words] = {
    About.UNPROVEN: say("not in the report"),
    About.NOT_COUNTED: say("not counted"),
    About.AS_PERMITTED: say("counted as permitted"),
}
"""What the remarks beside a report are called."""


def grade_word(grade: Grade, language: str) -> str:
    """How bad an error of a row is, in words."""
    return translated(_GRADES[grade], language)


def report_subject(report: AnnualReport, language: str) -> str:
    """Whose report it is, of which year and side."""
    words = say("{party} {year}, {side}", party=report.party, year=report.year, side=_SIDES[report.side])
    return translated(words, language)


def report_counts(report: AnnualReport, examined: Examined, language: str) -> str:
    """How many rows there are, and how many errors of each grade."""
    words = say(
        "rows: {rows}, primary errors: {primary}, secondary errors: {secondary}",
        rows=len(report.rows),
        primary=len(examined.primary),
        secondary=len(examined.secondary),
    )
    return translated(words, language)


def report_conclusion(examined: Examined, language: str, *, whole: bool) -> str:
    """Whether the trade database would take the report, and whether everything is in it."""
    if not examined.acceptable:
        return translated(say("cannot be submitted"), language)
    return translated(say("can be submitted") if whole else say("is not complete"), language)


def error_place(error: RowError, language: str) -> str:
    """Row and column of an error, and what stands there."""
    place = translated(say("row {number}", number=error.row), language)
    if not error.column:
        return place
    return f"{place}, {error.column}" + (f": {one_line(error.value)}" if error.value else "")


def period(reconciliation: Reconciliation, language: str) -> str:
    """First and last day."""
    words = say("{first} to {last}", first=reconciliation.first, last=reconciliation.last)
    return translated(words, language)


def counted(reconciliation: Reconciliation, language: str) -> list[tuple[str, int]]:
    """How many permits have each finding, in words; only findings that there are."""
    counts = [(difference, reconciliation.count(difference)) for difference in Difference]
    return [
        (translated(DIFFERENCE_WORDS[difference], language), count) for difference, count in counts if count
    ]


def shown(quantity: Quantity | None) -> str:
    """An amount with its unit; a dash when nobody said it."""
    if quantity is None:
        return "-"
    return one_line(f"{plain(quantity.value)} {quantity.unit or 'NAR'}")


def remarked(
    remarks: Iterable[Remark], language: str, *, limit: int
) -> list[tuple[str, list[tuple[str, str]], int]]:
    """For each kind of remark its name, permits and sentences up to the limit, and how many are beyond."""
    groups: dict[About, list[Remark]] = {}
    for remark in remarks:
        groups.setdefault(remark.about, []).append(remark)
    return [
        (
            translated(ABOUT_WORDS[about], language),
            [
                (one_line(str(each.ref)), one_line(translated(each.message, language)))
                for each in group[:limit]
            ],
            max(len(group) - limit, 0),
        )
        for about, group in groups.items()
    ]


def by_reason(not_checked: Iterable[NotChecked], language: str) -> list[tuple[str, list[str]]]:
    """Rules that were not checked, or not in full, by the reason why."""
    groups: dict[str, list[str]] = {}
    for skipped in not_checked:
        groups.setdefault(translated(skipped.reason, language), []).append(skipped.rule)
    return list(groups.items())
