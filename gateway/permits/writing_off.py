"""Whether an endorsement, or a reversal, may be made."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from gateway.errors import MalformedRequest
from gateway.permits.days import aware
from gateway.permits.findings import Area, Finding, Severity
from gateway.permits.ledger import (
    ZERO,
    Balance,
    at_own_border,
    balances,
    border_of,
    in_unit_of,
    may_reverse,
)
from gateway.permits.lifecycle import USABLE
from gateway.permits.model import Permit
from gateway.permits.notices import Endorsement, PermitStatus, Reversal, Side
from gateway.permits.quantities import Quantity
from gateway.wording import Words, say

_CONSIGNMENT = "Convention, Article VI.5: a separate permit for each consignment"
_BOX_14 = "CITES Res. Conf. 12.3 (Rev. CoP19), Annex 1: export endorsement"


@dataclass(frozen=True, slots=True)
class UsePolicy:
    """How a Party's permits are written off."""

    several_consignments: tuple[str, ...] = ("O",)
    """Types of permits that may be used for more than one consignment."""
    no_entry: str = "unknown"
    """`as-permitted`: where customs write nothing, the whole quantity counts as used once the permit has
    ended. `unknown`: then nothing is known."""

    def __post_init__(self) -> None:
        """Refuse words that mean nothing."""
        if self.no_entry not in ("as-permitted", "unknown"):
            raise ValueError(f"no_entry must be as-permitted or unknown, not {self.no_entry!r}")


STANDARD = UsePolicy()
"""When nothing is configured."""


def endorsement_objections(
    endorsement: Endorsement,
    permit: Permit,
    known: Iterable[Endorsement],
    status: PermitStatus,
    policy: UsePolicy,
    at: datetime,
) -> tuple[Finding, ...]:
    """
    Why customs may not write this off, everything at once; nothing when they may.

    To customs of another border nothing more is said.

    `known` are the endorsements that count, `status` what the authorities have said of the permit, `at` the
    present.
    """
    earlier = tuple(known)
    if foreign := tuple(whose_border(endorsement, permit)):
        return foreign
    found = [
        *_when(endorsement, permit, earlier, at),
        *_consignments(endorsement, permit, earlier, policy),
    ]
    if status not in USABLE:
        found.append(
            _refused(
                "endorsement.not-usable",
                say("the permit is {status}: nothing may be written off", status=status.value),
            )
        )
    by_line = {balance.line: balance for balance in balances(permit, earlier)}
    if not endorsement.lines:
        found.append(_refused("endorsement.no-line", say("name at least one line and what crossed of it")))
    seen: set[str] = set()
    for written in endorsement.lines:
        if written.line in seen:
            found.append(
                _refused(
                    "endorsement.line-twice",
                    say("line {line} stands there twice: add the quantities up", line=written.line),
                )
            )
        elif written.line not in by_line:
            letters = ", ".join(by_line)
            found.append(
                _refused(
                    "endorsement.unknown-line",
                    say(
                        "the permit has no line {line}; its lines are {letters}",
                        line=written.line,
                        letters=letters,
                    ),
                )
            )
        else:
            found += _amount(endorsement, written.line, by_line[written.line])
        seen.add(written.line)
    return tuple(found)


def reversal_objections(
    reversal: Reversal, endorsement: Endorsement | None, *, standing: bool
) -> tuple[Finding, ...]:
    """Why an endorsement cannot be taken back; `standing` when it still counts."""
    if endorsement is None:
        return (
            _refused(
                "reversal.unknown",
                say("there is no endorsement {id} of this permit", id=reversal.reverses),
            ),
        )
    if not may_reverse(reversal, endorsement):
        return (
            _refused(
                "reversal.not-yours",
                say("only {who}, who wrote it off, can take it back", who=str(endorsement.by)),
            ),
        )
    if not standing:
        return (
            _refused(
                "reversal.twice",
                say("endorsement {id} has been taken back already", id=reversal.reverses),
            ),
        )
    return ()


def whose_border(endorsement: Endorsement, permit: Permit) -> Iterable[Finding]:
    """Only the customs of the Party whose border it is."""
    if not at_own_border(endorsement, permit):
        yield _refused(
            "endorsement.not-yours",
            say(
                "{who} may not write off at {side}: that is for the customs of {party}",
                who=str(endorsement.by),
                side=endorsement.side.value,
                party=border_of(endorsement.side, permit) or "(the permit names none)",
            ),
        )


def _when(
    endorsement: Endorsement, permit: Permit, earlier: Iterable[Endorsement], at: datetime
) -> Iterable[Finding]:
    """
    Between the first and the last day of the permit, and not in the future.

    What is known to have left within that time may arrive later.
    """
    first = permit.valid_from or permit.issued_at
    last = permit.valid_until
    if first is not None and endorsement.on < first.date():
        yield _refused(
            "endorsement.before-issue",
            say(
                "{day} is before the first day of the permit, {first}", day=endorsement.on, first=first.date()
            ),
        )
    if last is not None and endorsement.on > last.date() and not _under_way(endorsement, earlier, last):
        yield _refused(
            "endorsement.after-expiry",
            say("{day} is after the last day of the permit, {last}", day=endorsement.on, last=last.date()),
        )
    if endorsement.on > _latest(at):
        yield _refused(
            "endorsement.in-future",
            say("{day} has not come yet: write off what has crossed", day=endorsement.on),
        )


def _under_way(endorsement: Endorsement, earlier: Iterable[Endorsement], last: datetime) -> bool:
    """Whether it is the import of what had left before the permit ended."""
    return endorsement.side is Side.IMPORT and any(
        each.side is Side.EXPORT and each.on <= last.date() for each in earlier
    )


def _latest(at: datetime) -> date:
    """The youngest day that is today somewhere (UTC+14)."""
    return (aware(at) + timedelta(hours=14)).date()


def _consignments(
    endorsement: Endorsement, permit: Permit, earlier: Iterable[Endorsement], policy: UsePolicy
) -> Iterable[Finding]:
    """Most permits are for one consignment, and each consignment is written off once."""
    before = [each for each in earlier if each.side is endorsement.side]
    if endorsement.customs_document and (same := _same(endorsement, before)):
        yield _refused(
            "endorsement.twice",
            say(
                "customs document {document} is written off already with the same lines, as {id}: to write "
                "off another consignment, name its own document",
                document=endorsement.customs_document,
                id=same.id,
            ),
        )
    if before and permit.type_code not in policy.several_consignments:
        yield _refused(
            "endorsement.one-consignment",
            say(
                "the permit was used on {day} at {office}, and one of type {type} is for one consignment; "
                "reverse that endorsement if it was a mistake",
                day=before[0].on,
                office=before[0].office,
                type=permit.type_code,
            ),
            _CONSIGNMENT,
        )


def _same(endorsement: Endorsement, before: Iterable[Endorsement]) -> Endorsement | None:
    """The endorsement that says of a consignment what is said of it now."""
    for each in before:
        if replace(endorsement, id=each.id, at=each.at) == each:
            return each
    return None


def _amount(endorsement: Endorsement, letter: str, balance: Balance) -> Iterable[Finding]:
    """Positive, in a unit that converts exactly, no more than is left."""
    written = next(each for each in endorsement.lines if each.line == letter)
    if not written.quantity.value.is_finite() or written.quantity.value <= 0:
        yield _refused(
            "endorsement.not-positive",
            say(
                "line {line}: write a quantity of more than nothing; to take something back, reverse",
                line=letter,
            ),
        )
        return
    if not ZERO <= written.dead <= written.quantity.value:
        yield _refused(
            "endorsement.dead",
            say("line {line}: dead on arrival are between none and all that arrived", line=letter),
        )
        return
    if balance.authorised is None:
        yield _refused(
            "endorsement.no-quantity",
            say("line {line} of the permit has no quantity (Box 11) that could be used", line=letter),
        )
        return
    try:
        quantity, _ = in_unit_of(written, balance.authorised)
    except MalformedRequest as error:
        yield _refused("endorsement.unit", say("line {line}: {why}", line=letter, why=error.message))
        return
    left = balance.authorised.value - balance.used(endorsement.side).value
    if quantity.value > left:
        yield _refused(
            "endorsement.more-than-left",
            say(
                "line {line}: {quantity} is more than the {left} that are left at {side}",
                line=letter,
                quantity=str(written.quantity),
                left=str(Quantity(max(left, ZERO), quantity.unit)),
                side=endorsement.side.value,
            ),
        )


def _refused(rule: str, message: Words, source: str = _BOX_14) -> Finding:
    """A finding about an endorsement."""
    return Finding(rule, Severity.ERROR, Area.USE, message, box="14", source=source)
