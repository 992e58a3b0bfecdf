"""
From when until when: boxes 2 and 13.

Days are those written in the document, in the time zone written there; a time without a zone counts as UTC.
"""

from collections.abc import Iterator
from datetime import timedelta

from gateway.permits.days import aware, end_of_day, months_later
from gateway.permits.model import Permit
from gateway.permits.rules.registry import Breach, Context, rule

EXPORT_MONTHS = 6
"""Convention Art. VI.2: an export permit may be used within six months of its issue."""
IMPORT_MONTHS = 12
"""50 CFR 23.54(b)(2); EU Reg. 865/2006 Annex I instruction 2."""
FUTURE_ALLOWED = timedelta(days=1)
"""Clocks and zones differ; a day covers them all."""

_ISSUE = "Toolkit 3.0, WCO message (Box 13, 1..1); Res. Conf. 12.3 Annex 2"
_END = "Toolkit 3.0, WCO message (Box 2, 1:1); Res. Conf. 12.3 Annex 2, note 2"
_ORDER = "Logic of boxes 2 and 13; Res. Conf. 12.3 Annex 2, note 2"
_LENGTH = "50 CFR 23.54(b); EU Reg. 865/2006 Annex I instruction 2; Res. Conf. 12.3 Annex 2, note 2"


@rule("validity.issue-missing", box="13", source=_ISSUE)
def issue_missing(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A permit has a date of issue."""
    if permit.issued_at is None:
        yield Breach(
            "issued_at", "the date of issue is missing; write the day on which the permit was issued"
        )


@rule("validity.end-missing", box="2", source=_END)
def end_missing(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A permit has a last day of validity."""
    if permit.valid_until is None:
        yield Breach("validity.end", "the permit does not say until when it is valid; write its last day")


@rule("validity.issue-in-future", box="13", source=_ORDER)
def issue_in_future(permit: Permit, context: Context) -> Iterator[Breach]:
    """A permit is not issued in the future."""
    issued = permit.issued_at
    if issued is not None and aware(issued) > context.at + FUTURE_ALLOWED:
        yield Breach(
            "issued_at",
            f"the permit is issued on {issued.date()}, which lies in the future; "
            f"today is {context.at.date()}: correct the date, or send the permit when it is issued",
        )


@rule("validity.end-before-issue", box="2", source=_ORDER)
def end_before_issue(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The last day of validity is not before the day of issue."""
    issued, end = permit.issued_at, permit.valid_until
    if issued and end and end.date() < issued.date():
        yield Breach(
            "validity.end",
            f"the permit is valid until {end.date()}, which is before its issue on {issued.date()}; "
            "correct one of the two dates",
        )


@rule("validity.end-before-start", box="2", source=_ORDER)
def end_before_start(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The last day of validity is not before the first."""
    start, end = permit.valid_from, permit.valid_until
    if start and end and end.date() < start.date():
        yield Breach(
            "validity.end",
            f"the permit is valid until {end.date()}, which is before its first day {start.date()}; "
            "correct one of the two dates",
        )


@rule("validity.export-too-long", box="2", source="Convention Art. VI.2; " + _LENGTH)
def export_too_long(permit: Permit, _context: Context) -> Iterator[Breach]:
    """An export permit or re-export certificate is valid for at most six months."""
    if permit.type_code in {"E", "R"}:
        yield from _too_long(permit, EXPORT_MONTHS)


@rule("validity.import-too-long", box="2", source=_LENGTH)
def import_too_long(permit: Permit, _context: Context) -> Iterator[Breach]:
    """An import permit is valid for at most twelve months."""
    if permit.type_code == "I":
        yield from _too_long(permit, IMPORT_MONTHS)


@rule("validity.expired", box="2", source="50 CFR 23.54(b)")
def expired(permit: Permit, context: Context) -> Iterator[Breach]:
    """A permit may be used only up to midnight at the end of its last day."""
    end = permit.valid_until
    if end is not None and context.at >= end_of_day(end):
        yield Breach(
            "validity.end",
            f"the permit expired at the end of {end.date()}; "
            "ask the issuing authority for a new one, an old one cannot be extended",
        )


def _too_long(permit: Permit, months: int) -> Iterator[Breach]:
    """A breach when the permit is valid for more than so many months."""
    issued, end = permit.issued_at, permit.valid_until
    if issued is None or end is None:
        return
    last = months_later(issued.date(), months)
    if end.date() > last:
        yield Breach(
            "validity.end",
            f"the permit is valid until {end.date()}, more than {months} months after its issue on "
            f"{issued.date()}; write {last} or an earlier day",
        )
