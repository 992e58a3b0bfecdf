"""
From when until when: boxes 2 and 13.

Days are those written in the document, in the time zone written there; a time without a zone counts as UTC.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from gateway.permits.days import aware, end_of_day, months_later
from gateway.permits.findings import Severity
from gateway.permits.kinds import Kind, kind_of
from gateway.permits.model import Permit
from gateway.permits.phrases import speaks_of
from gateway.permits.rules.context import Context
from gateway.permits.rules.registry import Breach, Need, rule
from gateway.wording import say

EXPORT_MONTHS = 6
"""Convention Art. VI.2: an export permit may be used within six months of its issue."""
IMPORT_MONTHS = 12
"""50 CFR 23.54(b)(2); EU Reg. 865/2006 Annex I instruction 2."""
CERTIFICATE_MONTHS = 12
"""50 CFR 23.54(b)(2): certificate of origin, introduction from the sea."""
RETURNING_MONTHS = 36
"""50 CFR 23.54(b)(3)-(4); EU Reg. 865/2006 Art. 10: what goes out and comes back, many times."""
SAMPLES_MONTHS = 6
"""EU Reg. 865/2006 Art. 10."""
FUTURE_ALLOWED = timedelta(days=1)
"""Clocks and zones differ; a day covers them all."""

_ISSUE = "Toolkit 3.0, WCO message (Box 13, 1..1); Res. Conf. 12.3 Annex 2"
_END = "Toolkit 3.0, WCO message (Box 2, 1:1); Res. Conf. 12.3 Annex 2, note 2"
_ORDER = "Logic of boxes 2 and 13; Res. Conf. 12.3 Annex 2, note 2"
_LENGTH = "50 CFR 23.54(b); EU Reg. 865/2006 Annex I instruction 2; Res. Conf. 12.3 Annex 2, note 2"
_OTHER = "50 CFR 23.54(b); EU Reg. 865/2006 Art. 10"
_EXTENSION = "50 CFR 23.54(c) and 23.26(c)(6); Res. Conf. 12.3, section on timber"

_TIMBER = frozenset({"LOG", "TIM", "SAW", "VEN", "PLY", "TRW"})
"""Terms of timber, whose permits may be extended once (Res. Conf. 12.3, section on timber)."""
_EXTENDED = (" extension", " extended ", " prolong", " prorroga", " prorogation", " proroge")
"""Words of Box 5 that note an extension."""


@rule("validity.issue-missing", box="13", source=_ISSUE, floor=Severity.ERROR)
def issue_missing(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A permit has a date of issue."""
    if permit.issued_at is None:
        yield Breach(
            "issued_at", say("the date of issue is missing; write the day on which the permit was issued")
        )


@rule("validity.end-missing", box="2", source=_END, floor=Severity.ERROR)
def end_missing(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A permit has a last day of validity."""
    if permit.valid_until is None:
        yield Breach(
            "validity.end", say("the permit does not say until when it is valid; write its last day")
        )


@rule("validity.issue-in-future", box="13", source=_ORDER)
def issue_in_future(permit: Permit, context: Context) -> Iterator[Breach]:
    """A permit is not issued in the future."""
    issued = permit.issued_at
    if issued is not None and aware(issued) > context.at + FUTURE_ALLOWED:
        yield Breach(
            "issued_at",
            say(
                "the permit is issued on {issued}, which lies in the future; today is {today}: "
                "correct the date, or send the permit when it is issued",
                issued=issued.date(),
                today=context.at.date(),
            ),
        )


@rule("validity.end-before-issue", box="2", source=_ORDER)
def end_before_issue(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The last day of validity is not before the day of issue."""
    issued, end = permit.issued_at, permit.valid_until
    if issued and end and end.date() < issued.date():
        yield Breach(
            "validity.end",
            say(
                "the permit is valid until {end}, which is before its issue on {issued}; "
                "correct one of the two dates",
                end=end.date(),
                issued=issued.date(),
            ),
        )


@rule("validity.end-before-start", box="2", source=_ORDER)
def end_before_start(permit: Permit, _context: Context) -> Iterator[Breach]:
    """The last day of validity is not before the first."""
    start, end = permit.valid_from, permit.valid_until
    if start and end and end.date() < start.date():
        yield Breach(
            "validity.end",
            say(
                "the permit is valid until {end}, which is before its first day {start}; "
                "correct one of the two dates",
                end=end.date(),
                start=start.date(),
            ),
        )


@rule("validity.export-too-long", box="2", source="Convention Art. VI.2; " + _LENGTH, types="ER")
def export_too_long(permit: Permit, _context: Context) -> Iterator[Breach]:
    """An export permit or re-export certificate is valid for at most six months."""
    yield from _too_long(permit, EXPORT_MONTHS)


@rule("validity.import-too-long", box="2", source=_LENGTH, types="I")
def import_too_long(permit: Permit, _context: Context) -> Iterator[Breach]:
    """An import permit is valid for at most twelve months."""
    yield from _too_long(permit, IMPORT_MONTHS)


@rule("validity.certificate-too-long", box="2", source="50 CFR 23.54(b)(2)", types="O")
def certificate_too_long(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A certificate of origin or of introduction from the sea is valid for at most twelve months."""
    if kind_of(permit) in {Kind.CERTIFICATE_OF_ORIGIN, Kind.INTRODUCTION_FROM_THE_SEA}:
        yield from _too_long(permit, CERTIFICATE_MONTHS)


@rule("validity.returning-too-long", box="2", source=_OTHER, severity=Severity.WARNING, types="O")
def returning_too_long(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A certificate for an exhibition, a private animal or an instrument lasts three years at most."""
    if kind_of(permit) in {Kind.TRAVELLING_EXHIBITION, Kind.PERSONAL_OWNERSHIP, Kind.MUSICAL_INSTRUMENT}:
        yield from _too_long(permit, RETURNING_MONTHS)


@rule("validity.samples-too-long", box="2", source=_OTHER, severity=Severity.WARNING, types="O")
def samples_too_long(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A certificate for a sample collection is valid for at most six months."""
    if kind_of(permit) is Kind.SAMPLE_COLLECTION:
        yield from _too_long(permit, SAMPLES_MONTHS)


@rule("validity.expired", box="2", source="50 CFR 23.54(b)")
def expired(permit: Permit, context: Context) -> Iterator[Breach]:
    """A permit may be used only up to midnight at the end of its last day."""
    end = permit.valid_until
    if end is not None and context.at >= end_of_day(end):
        yield Breach(
            "validity.end",
            say(
                "the permit expired at the end of {end}; "
                "ask the issuing authority for a new one, an old one cannot be extended",
                end=end.date(),
            ),
        )


@rule("validity.not-yet-valid", box="2", source=_ORDER, severity=Severity.WARNING)
def not_yet_valid(permit: Permit, context: Context) -> Iterator[Breach]:
    """A permit may be used only from the first moment of its validity."""
    start = permit.valid_from
    if start is not None and context.at < aware(start):
        yield Breach(
            "validity.start",
            say("the permit is valid only from {start}; it cannot be used before", start=_moment(start)),
        )


@rule(
    "validity.places-differ",
    box="2",
    source="IATA ONE Record mapping and EPIX form (both places of Box 2)",
    severity=Severity.WARNING,
)
def places_differ(permit: Permit, _context: Context) -> Iterator[Breach]:
    """A period of validity that is repeated among the references is the same as in the header."""
    for index, reference in enumerate(permit.references):
        period = reference.validity
        if period is None or any(number.value for number in reference.numbers):
            continue
        for name, here, there in (
            ("start", permit.valid_from, period.start),
            ("end", permit.valid_until, period.end),
        ):
            if here and there and aware(here) != aware(there):
                yield Breach(
                    f"references[{index}].validity.{name}",
                    say(
                        "the validity is written twice: {here} in the header, {there} among the references; "
                        "the header counts: write the same in both places, or only there",
                        here=_moment(here),
                        there=_moment(there),
                    ),
                )


@rule("validity.extended", box="2", source=_EXTENSION, needs=Need.COUNTERPART)
def extended(permit: Permit, context: Context) -> Iterator[Breach]:
    """The validity of a permit is not extended, except once for timber when Box 5 notes it."""
    end = permit.valid_until
    if end is None:
        return
    for earlier in context.counterparts:
        before = earlier.valid_until
        if not _same_document(permit, earlier) or before is None or before.date() >= end.date():
            continue
        if _timber(context) and speaks_of(context.conditions, _EXTENDED):
            continue
        yield Breach(
            "validity.end",
            say(
                "this permit was valid until {before} and now says {end}; its validity cannot be extended "
                "(only that of timber, once, with a note in Box 5): ask for a new permit",
                before=before.date(),
                end=end.date(),
            ),
        )


def _same_document(permit: Permit, other: Permit) -> bool:
    """Whether both are versions of one permit: same authority, number and day of issue."""
    if not permit.number_text or permit.number_text != other.number_text or permit.issuer != other.issuer:
        return False
    issued, also = permit.issued_at, other.issued_at
    return issued is not None and also is not None and aware(issued) == aware(also)


def _timber(context: Context) -> bool:
    """Whether every line is timber."""
    return bool(context.items) and all(
        item.terms and _TIMBER.issuperset(item.terms) for item in context.items
    )


def _moment(moment: datetime) -> str:
    """A day, with the time when it is not midnight."""
    return f"{moment:%Y-%m-%d}" if moment.time() == datetime.min.time() else f"{moment:%Y-%m-%d %H:%M}"


def _too_long(permit: Permit, months: int) -> Iterator[Breach]:
    """A breach when the permit is valid for more than so many months."""
    issued, end = permit.issued_at, permit.valid_until
    if issued is None or end is None:
        return
    last = months_later(issued.date(), months)
    if end.date() > last:
        yield Breach(
            "validity.end",
            say(
                "the permit is valid until {end}, more than {months} months after its issue on {issued}; "
                "write {last} or an earlier day",
                end=end.date(),
                months=months,
                issued=issued.date(),
                last=last,
            ),
        )
