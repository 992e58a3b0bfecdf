"""
The status of a permit: who may change it to what, and where it stands when all that is known is put together.

Statuses move forward only. `CHANGES` is the whole table; what is not in it is refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from gateway.permits.findings import Area, Finding, Severity
from gateway.permits.identity import AuthorityId, Role
from gateway.permits.notices import Notice, PermitStatus, StatusChange
from gateway.wording import Words, say

Said = TypeVar("Said", bound=Notice)

_ISSUED, _AMENDED, _SUSPENDED = PermitStatus.ISSUED, PermitStatus.AMENDED, PermitStatus.SUSPENDED
_LOST, _STOLEN, _REFUSED = PermitStatus.LOST, PermitStatus.STOLEN, PermitStatus.REFUSED_AT_BORDER
SOURCE = "CITES Res. Conf. 12.3 (Rev. CoP19); statuses of this gateway, docs/customs.md"


_STEP = timedelta(microseconds=1)
"""The smallest difference between two moments in a notice."""


class Hand(StrEnum):
    """What an authority is to a permit."""

    ISSUING_MA = "issuing Management Authority"
    ISSUING_CUSTOMS = "customs of the issuing Party"
    IMPORTING_MA = "Management Authority of the importing Party"
    IMPORTING_CUSTOMS = "customs of the importing Party"


_ISSUER = frozenset({Hand.ISSUING_MA})
_BORDER = frozenset({Hand.ISSUING_CUSTOMS, Hand.IMPORTING_MA, Hand.IMPORTING_CUSTOMS})


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the table."""

    to: PermitStatus
    by: frozenset[Hand]
    after: frozenset[PermitStatus]


def _row(to: PermitStatus, by: frozenset[Hand], *after: PermitStatus) -> Change:
    """One row of the table."""
    return Change(to, by, frozenset(after))


CHANGES = {
    change.to: change
    for change in (
        _row(_AMENDED, _ISSUER, _ISSUED, _AMENDED),
        _row(_SUSPENDED, _ISSUER, _ISSUED, _AMENDED),
        _row(_LOST, _ISSUER, _ISSUED, _AMENDED, _SUSPENDED),
        _row(_STOLEN, _ISSUER, _ISSUED, _AMENDED, _SUSPENDED, _LOST),
        _row(_REFUSED, _BORDER, _ISSUED, _AMENDED, _SUSPENDED, _LOST, _STOLEN),
        _row(PermitStatus.RETURNED_UNUSED, _ISSUER, _ISSUED, _AMENDED, _SUSPENDED, _LOST, _REFUSED),
        _row(
            PermitStatus.REPLACED,
            _ISSUER,
            *(_ISSUED, _AMENDED, _SUSPENDED, _LOST, _STOLEN, _REFUSED, PermitStatus.RETURNED_UNUSED),
        ),
        _row(
            PermitStatus.CANCELLED,
            _ISSUER,
            *(_ISSUED, _AMENDED, _SUSPENDED, _LOST, _STOLEN, _REFUSED, PermitStatus.RETURNED_UNUSED),
        ),
    )
}
"""By the status to which a permit goes. Replaced and cancelled are the end; the other three of
`PermitStatus` are worked out, and nobody may say them."""

USABLE = frozenset({_ISSUED, _AMENDED})
"""Statuses in which customs may write something off, if dates and ledger allow it."""


def hands_of(authority: AuthorityId, issuer: str, importer: str) -> frozenset[Hand]:
    """What an authority is to a permit that Party `issuer` issued for Party `importer`; maybe nothing."""
    hands = set()
    if authority.party == issuer:
        hands.add(Hand.ISSUING_MA if authority.role is Role.MA else Hand.ISSUING_CUSTOMS)
    if authority.party == importer:
        hands.add(Hand.IMPORTING_MA if authority.role is Role.MA else Hand.IMPORTING_CUSTOMS)
    return frozenset(hands) if authority.role is not Role.HUB else frozenset()


def in_order(notices: Iterable[Said]) -> list[Said]:
    """The order that every gateway gives them: by their own time, then by id."""
    return sorted(notices, key=lambda notice: (notice.at, notice.id))


def moment_after(notices: Iterable[Notice], at: datetime) -> datetime:
    """
    The time of a notice that is made at `at` in knowledge of others: later than theirs.

    Clocks differ. Without this, what somebody says after he has heard of a change could sort before it.
    """
    return max((at, *(notice.at + _STEP for notice in notices)))


def history(changes: Iterable[StatusChange], issuer: str, importer: str) -> tuple[StatusChange, ...]:
    """
    The changes that count, oldest first.

    A change that was overtaken (a suspension that is older, and comes later, than a cancellation does not
    matter; one that is younger is against the table) or that its author may not make does not count. The
    same changes give the same history wherever they are put together.
    """
    counted: list[StatusChange] = []
    status = PermitStatus.ISSUED
    for change in in_order(changes):
        row = CHANGES.get(change.status)
        if row and status in row.after and row.by & hands_of(change.by, issuer, importer):
            counted.append(change)
            status = change.status
    return tuple(counted)


def status_after(counted: Iterable[StatusChange]) -> PermitStatus:
    """The status that a history ends with."""
    status = PermitStatus.ISSUED
    for change in counted:
        status = change.status
    return status


def objections(change: StatusChange, now: PermitStatus, issuer: str, importer: str) -> tuple[Finding, ...]:
    """Why a change cannot be made to a permit that stands at `now`; nothing when it can."""
    row = CHANGES.get(change.status)
    if row is None:
        return (
            _refused(
                "status.worked-out",
                say(
                    "nobody can say that a permit is {status}: it follows from its dates and from what was "
                    "written off; write off what crossed the border, or cancel the permit",
                    status=change.status.value,
                ),
            ),
        )
    if not row.by & hands_of(change.by, issuer, importer):
        allowed = ", ".join(hand.value for hand in Hand if hand in row.by)
        return (
            _refused(
                "status.not-yours",
                say(
                    "{who} may not say that this permit is {status}; that is for: {allowed}",
                    who=str(change.by),
                    status=change.status.value,
                    allowed=allowed,
                ),
            ),
        )
    if now not in row.after:
        return (
            _refused(
                "status.not-forward",
                say(
                    "the permit is {now}, and from there it cannot become {status}: statuses move forward "
                    "only; issue another permit instead",
                    now=now.value,
                    status=change.status.value,
                ),
            ),
        )
    replaced = change.status is PermitStatus.REPLACED
    if replaced != bool(change.replaced_by) or change.replaced_by == change.permit.number:
        return (
            _refused(
                "status.replaced-by",
                say("name the permit that stands for it when it is replaced, and only then"),
            ),
        )
    return ()


def unused_objections(change: StatusChange, *, written_off: bool) -> tuple[Finding, ...]:
    """Why a permit of which something was written off cannot be returned unused."""
    if not written_off or change.status is not PermitStatus.RETURNED_UNUSED:
        return ()
    return (
        _refused(
            "status.was-used",
            say(
                "something was written off this permit, so it does not come back unused: the customs office "
                "reverses its endorsement first if that was a mistake"
            ),
        ),
    )


def _refused(rule: str, message: Words) -> Finding:
    """A finding about a change of status."""
    return Finding(rule, Severity.ERROR, Area.USE, message, source=SOURCE)
