"""
What was written off before (Box 14, or at import): whether the permit can be used again, and for how much.

These rules judge the permit against earlier uses; whoever asks whether a new use may be entered gives it with
them.
"""

from collections.abc import Iterator

from gateway.errors import MalformedRequest
from gateway.permits.days import aware, end_of_day
from gateway.permits.findings import Severity
from gateway.permits.kinds import Kind, kind_of
from gateway.permits.model import Permit
from gateway.permits.quantities import Quantity, exceeds, total
from gateway.permits.rules.context import Context, Item
from gateway.permits.rules.registry import Breach, Need, rule
from gateway.wording import say

MANY_CONSIGNMENTS = frozenset(
    {Kind.TRAVELLING_EXHIBITION, Kind.PERSONAL_OWNERSHIP, Kind.MUSICAL_INSTRUMENT, Kind.SAMPLE_COLLECTION}
)
"""Kinds of certificate that are made to cross borders many times."""

_ONCE = "Convention Art. VI.5 and VI.6; 50 CFR 23.26(b)"
_AMOUNT = "Res. Conf. 12.3 Annex 1 (endorsement of the quantity exported, Box 14)"
_LETTER = "EPIX CitesPositionsType (the line that a quantity is confirmed for exists)"
_DATES = "50 CFR 23.54(b)"


@rule("uses.used-before", box="14", source=_ONCE, needs=Need.USES)
def used_before(permit: Permit, context: Context) -> Iterator[Breach]:
    """A permit is for one consignment; certificates that are made for many journeys are excepted."""
    if not context.uses or kind_of(permit) in MANY_CONSIGNMENTS:
        return
    first = min(context.uses, key=lambda use: use.at)
    yield Breach(
        "number",
        say(
            "the permit was used on {day} already ({office}); a permit is for one consignment: "
            "ask for a new permit, and keep this one",
            day=first.at.date(),
            office=first.office or say("office not named"),
        ),
    )


@rule("uses.quantity-exceeded", box="11", source=_AMOUNT, needs=Need.USES)
def quantity_exceeded(_permit: Permit, context: Context) -> Iterator[Breach]:
    """No more is used of a line than it permits."""
    for item, permitted, used in _used(context):
        try:
            sum_used = total(used)
            too_much = exceeds(sum_used, permitted)
        except MalformedRequest:
            continue
        if too_much:
            yield Breach(
                f"{item.where}.packages[0].quantity",
                say(
                    "{line} permits {permitted}, and {used} was written off it; "
                    "stop the consignment and ask the office that wrote it off",
                    line=item.called,
                    permitted=permitted,
                    used=sum_used,
                ),
            )


@rule("uses.unit-differs", box="11", source=_AMOUNT, severity=Severity.WARNING, needs=Need.USES)
def unit_differs(_permit: Permit, context: Context) -> Iterator[Breach]:
    """What was used can be compared with what is permitted."""
    for item, permitted, used in _used(context):
        try:
            exceeds(total(used), permitted)
        except MalformedRequest:
            yield Breach(
                f"{item.where}.packages[0].quantity",
                say(
                    "{line} permits {permitted}, and {used} was written off it; "
                    "the units cannot be compared: compare the amounts by hand",
                    line=item.called,
                    permitted=permitted,
                    used=" + ".join(str(quantity) for quantity in used),
                ),
            )


@rule("uses.line-unknown", box="14", source=_LETTER, needs=Need.USES)
def line_unknown(_permit: Permit, context: Context) -> Iterator[Breach]:
    """Whatever was used belongs to a line of the permit."""
    letters = {item.line.letter for item in context.items}
    for use in context.uses:
        if use.line not in letters:
            yield Breach(
                "lines[0].ids[0]",
                say(
                    "{quantity} was written off line '{letter}', which the permit does not have; "
                    "compare the letters in the first column of the form",
                    quantity=use.quantity,
                    letter=use.line,
                ),
            )


@rule("uses.after-last-day", box="2", source=_DATES, needs=Need.USES)
def after_last_day(permit: Permit, context: Context) -> Iterator[Breach]:
    """Nothing is used after the last day of the permit."""
    end = permit.valid_until
    for use in context.uses:
        if end is not None and use.at >= end_of_day(end):
            yield Breach(
                "validity.end",
                say(
                    "line {letter} was used on {day}, after the last day of the permit, {end}; "
                    "stop the consignment and ask the issuing authority",
                    letter=use.line,
                    day=use.at.date(),
                    end=end.date(),
                ),
            )


@rule("uses.before-issue", box="13", source=_DATES, needs=Need.USES)
def before_issue(permit: Permit, context: Context) -> Iterator[Breach]:
    """Nothing is used on a day before the permit is issued."""
    issued = permit.issued_at
    for use in context.uses:
        if issued is not None and use.at < aware(issued) and use.at.date() < issued.date():
            yield Breach(
                "issued_at",
                say(
                    "line {letter} was used on {day}, before the permit was issued on {issued}; "
                    "correct the date of one of the two",
                    letter=use.line,
                    day=use.at.date(),
                    issued=issued.date(),
                ),
            )


def _used(context: Context) -> Iterator[tuple[Item, Quantity, tuple[Quantity, ...]]]:
    """Every line that was used and says how much it permits: the line, that quantity, the uses."""
    by_letter: dict[str, list[Quantity]] = {}
    for use in context.uses:
        by_letter.setdefault(use.line, []).append(use.quantity)
    for item in context.items:
        used = by_letter.get(item.line.letter)
        if used and item.quantity is not None:
            yield item, item.quantity, tuple(used)
