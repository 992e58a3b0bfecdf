"""Whether a notice about a permit stands."""

from dataclasses import replace
from datetime import datetime

from gateway.flows.known_permit import Known
from gateway.permits.findings import Finding
from gateway.permits.ledger import may_reverse
from gateway.permits.lifecycle import CHANGES, hands_of, objections, unused_objections
from gateway.permits.notices import Endorsement, Notice, Reversal, StatusChange
from gateway.permits.writing_off import (
    UsePolicy,
    endorsement_objections,
    reversal_objections,
    whose_border,
)


def against(notice: Notice, known: Known, policy: UsePolicy, at: datetime) -> tuple[Finding, ...]:
    """Why an authority hosted here may not say this now; nothing when it may."""
    match notice:
        case StatusChange():
            issuer, importer, _ = known.parties
            return (
                *objections(notice, known.said, issuer, importer),
                *unused_objections(notice, written_off=bool(known.endorsements)),
            )
        case Endorsement():
            return endorsement_objections(notice, known.permit, known.endorsements, known.said, policy, at)
        case Reversal():
            return reversal_objections(
                notice,
                _reversed(notice, known),
                standing=any(each.id == notice.reverses for each in known.endorsements),
            )
    raise AssertionError(notice)


def not_theirs(notice: Notice, known: Known) -> tuple[Finding, ...]:
    """
    Why a notice that another gateway sends is not its author's to make; nothing when it is.

    Whether there was enough left, or the permit was still in force, is not asked: what crossed the border
    there has crossed it, and whoever compares the books must see that.
    """
    match notice:
        case StatusChange():
            row, (issuer, importer, _) = CHANGES[notice.status], known.parties
            if not row.by & hands_of(notice.by, issuer, importer):
                return objections(notice, known.said, issuer, importer)
            return ()
        case Endorsement():
            return tuple(whose_border(notice, known.permit))
        case Reversal():
            endorsement = _reversed(notice, known)
            if endorsement is not None and not may_reverse(notice, endorsement):
                return reversal_objections(notice, endorsement, standing=True)
    return ()


def worth_a_look(notice: Notice, known: Known, policy: UsePolicy, at: datetime) -> tuple[Finding, ...]:
    """What stands against a notice of another gateway that is kept all the same."""
    if isinstance(notice, Reversal):
        return ()
    others = tuple(each for each in known.notices if each != notice)  # it may have come by another way
    return against(notice, replace(known, notices=others), policy, at)


def _reversed(reversal: Reversal, known: Known) -> Endorsement | None:
    """The endorsement that is taken back, if it is here; the author's own when others have that id too."""
    found = [each for each in known.notices if isinstance(each, Endorsement) and each.id == reversal.reverses]
    return min(found, key=lambda each: each.by != reversal.by, default=None)
