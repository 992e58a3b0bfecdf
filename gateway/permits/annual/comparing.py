"""What is wrong between a permit and its use: one function for each question, each yields findings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any

from gateway.errors import MalformedRequest
from gateway.permits.annual.tolerance import Tolerance
from gateway.permits.annual.used import LineUse, PermitUse
from gateway.permits.codes import find_unit
from gateway.permits.findings import Severity
from gateway.permits.kinds import kind_of
from gateway.permits.quantities import Quantity, convert, normalised
from gateway.permits.rules.uses import MANY_CONSIGNMENTS
from gateway.wording import ENGLISH, Words, say, translated

_EXPORT_BORDER = say("the export border")
_IMPORT_BORDER = say("the import border")
_ONCE = 1
"""Consignments that a permit is for (Convention Art. VI.5)."""


class Difference(StrEnum):
    """What can be wrong between a permit and its use."""

    NEVER_USED = "never-used"
    EXPIRED_UNUSED = "expired-unused"
    USED_AFTER_EXPIRY = "used-after-expiry"
    USED_TWICE = "used-twice"
    MORE_THAN_AUTHORISED = "more-than-authorised"
    DIFFERS = "differs"
    MORE_IMPORTED = "more-imported"
    ARRIVAL_UNKNOWN = "arrival-unknown"
    MORE_DEAD = "more-dead"
    NOT_COMPARABLE = "not-comparable"


@dataclass(frozen=True, slots=True)
class UseFinding:
    """One thing that is wrong between a permit and its use."""

    difference: Difference
    severity: Severity
    message: Words
    line: str = ""
    """Letter of the line; empty for the whole permit."""

    def as_dict(self, language: str = ENGLISH) -> dict[str, Any]:
        """The JSON shape: difference, severity, line, message."""
        return {
            "difference": self.difference.value,
            "severity": self.severity.value,
            "line": self.line,
            "message": translated(self.message, language),
        }


def findings_of(use: PermitUse, *, on: date, tolerance: Tolerance) -> tuple[UseFinding, ...]:
    """Everything that is wrong, the worst first; `on` is the day for which the question is asked."""
    found = [finding for question in _OF_PERMITS for finding in question(use, on)]
    found += [finding for line in use.lines for finding in _of_line(line, tolerance)]
    ranks = list(Severity)
    return tuple(sorted(found, key=lambda finding: ranks.index(finding.severity)))


def _never_used(use: PermitUse, on: date) -> Iterator[UseFinding]:
    """A permit that nobody used, and whether it can still be."""
    if use.used:
        return
    if use.last_day is not None and on > use.last_day:
        yield UseFinding(
            Difference.EXPIRED_UNUSED,
            Severity.WARNING,
            say(
                "the permit was never used, and its last day was {day}; have the original returned",
                day=use.last_day,
            ),
        )
    else:
        yield UseFinding(Difference.NEVER_USED, Severity.INFO, say("the permit was not used so far"))


def _used_after_expiry(use: PermitUse, _on: date) -> Iterator[UseFinding]:
    """Something crossed after the last day (Box 2)."""
    if use.last_used is not None and use.last_day is not None and use.last_used > use.last_day:
        yield UseFinding(
            Difference.USED_AFTER_EXPIRY,
            Severity.ERROR,
            say(
                "the permit was used on {day}, after its last day, {end}; ask the office that wrote it off",
                day=use.last_used,
                end=use.last_day,
            ),
        )


def _used_twice(use: PermitUse, _on: date) -> Iterator[UseFinding]:
    """More consignments than a permit is for; certificates made for many journeys are excepted."""
    if kind_of(use.permit) in MANY_CONSIGNMENTS:
        return
    for count, border in ((use.exports, _EXPORT_BORDER), (use.imports, _IMPORT_BORDER)):
        if count > _ONCE:
            yield UseFinding(
                Difference.USED_TWICE,
                Severity.ERROR,
                say(
                    "{count} consignments passed {border} with this permit, which is for one; "
                    "ask the offices that wrote it off",
                    count=count,
                    border=border,
                ),
            )


_OF_PERMITS: tuple[Callable[[PermitUse, date], Iterator[UseFinding]], ...] = (
    _never_used,
    _used_after_expiry,
    _used_twice,
)


def _of_line(line: LineUse, tolerance: Tolerance) -> Iterator[UseFinding]:
    """All that is wrong with the amounts of a line."""
    for compare in (_authorised, _arrived, _dead):
        try:
            yield from compare(line, tolerance)
        except MalformedRequest as error:
            yield UseFinding(
                Difference.NOT_COMPARABLE,
                Severity.WARNING,
                say(
                    "the amounts of line {letter} cannot be compared, because {reason}; compare them by hand",
                    letter=line.letter,
                    reason=error.message if isinstance(error.message, Words) else str(error),
                ),
                line.letter,
            )


def _authorised(line: LineUse, _tolerance: Tolerance) -> Iterator[UseFinding]:
    """No more crossed than the line permits; exactly, because Box 11 is a limit."""
    for used, border in ((line.exported, _EXPORT_BORDER), (line.imported, _IMPORT_BORDER)):
        if used is None or line.authorised is None:
            continue
        if _difference(used, line.authorised) > 0:
            yield UseFinding(
                Difference.MORE_THAN_AUTHORISED,
                Severity.ERROR,
                say(
                    "line {letter} permits {authorised}, and {used} passed {border}",
                    letter=line.letter,
                    authorised=line.authorised,
                    used=used,
                    border=border,
                ),
                line.letter,
            )
            return


def _arrived(line: LineUse, tolerance: Tolerance) -> Iterator[UseFinding]:
    """What arrived is what left."""
    exported, imported = line.exported, line.imported
    if exported is None or (imported is None and exported.value.is_zero()):
        return
    if imported is None:
        yield UseFinding(
            Difference.ARRIVAL_UNKNOWN,
            Severity.INFO,
            say(
                "of line {letter} {exported} left, and nobody told what arrived",
                letter=line.letter,
                exported=exported,
            ),
            line.letter,
        )
        return
    difference = _difference(imported, exported)
    unit = find_unit(exported.unit)
    counted = unit is not None and unit.kind == "count"
    if not tolerance.allows(difference, Fraction(normalised(exported).value), counted=counted):
        yield UseFinding(
            Difference.DIFFERS,
            Severity.WARNING,
            say(
                "of line {letter} {exported} left and {imported} arrived; the difference is more than "
                "tolerated",
                letter=line.letter,
                exported=exported,
                imported=imported,
            ),
            line.letter,
        )
    if difference > 0:
        yield UseFinding(
            Difference.MORE_IMPORTED,
            Severity.ERROR,
            say(
                "of line {letter} more arrived ({imported}) than left ({exported})",
                letter=line.letter,
                exported=exported,
                imported=imported,
            ),
            line.letter,
        )


def _dead(line: LineUse, _tolerance: Tolerance) -> Iterator[UseFinding]:
    """No more were dead on arrival than arrived."""
    if line.dead is None or line.imported is None:
        return
    if _difference(line.dead, line.imported) > 0:
        yield UseFinding(
            Difference.MORE_DEAD,
            Severity.ERROR,
            say(
                "of line {letter} {imported} arrived, and {dead} of it was dead, which is more",
                letter=line.letter,
                imported=line.imported,
                dead=line.dead,
            ),
            line.letter,
        )


def _difference(quantity: Quantity, other: Quantity) -> Fraction:
    """By how much a quantity is more than another, exactly, in the unit of today of the other."""
    base = normalised(other)
    # Units of today differ by powers of ten, so that the converted amount always ends.
    return Fraction(convert(normalised(quantity), base.unit).value) - Fraction(base.value)
