"""What customs are told about a permit: a verdict, and the reasons for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from gateway.permits.findings import Severity
from gateway.permits.identity import PermitRef
from gateway.permits.ledger import Balance
from gateway.permits.lifecycle import USABLE
from gateway.permits.model import Permit
from gateway.permits.notices import Endorsement, PermitStatus, Side, StatusChange
from gateway.permits.rules import Evidence, check
from gateway.permits.rules.registry import Need
from gateway.permits.validity import standing_of
from gateway.permits.writing_off import UsePolicy
from gateway.wording import ENGLISH, Words, say, translated

_FORM = "CITES Res. Conf. 12.3 (Rev. CoP19)"
_CONSIGNMENT = "Convention, Article VI.5"


class Verdict(StrEnum):
    """The answer in a word."""

    VALID = "valid"
    NOT_VALID = "not-valid"
    CHECK_WITH_ISSUER = "check-with-issuer"
    """Nothing is proven against it, and something is missing or strange."""


class Weight(StrEnum):
    """What a reason does to the verdict."""

    FOR = "for"
    AGAINST = "against"
    DOUBT = "doubt"
    """The issuer must be asked."""
    NOTE = "note"
    """Good to know; changes nothing."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is known."""

    rule: str
    """Stable id, for example `status.cancelled`."""
    weight: Weight
    message: Words
    source: str = ""
    advice: Words | None = None

    def as_dict(self, language: str = ENGLISH) -> dict[str, Any]:
        """The JSON shape: rule, weight, message, source, advice."""
        return {
            "rule": self.rule,
            "weight": self.weight.value,
            "message": translated(self.message, language),
            "source": self.source or None,
            "advice": translated(self.advice, language) if self.advice else None,
        }


def verdict_of(reasons: Iterable[Reason]) -> Verdict:
    """
    What follows from the reasons: what stands against it outweighs a doubt, a doubt what speaks for it.

    Without anything that speaks for it there is no `valid`.
    """
    weights = {reason.weight for reason in reasons}
    if Weight.AGAINST in weights:
        return Verdict.NOT_VALID
    if Weight.DOUBT in weights or Weight.FOR not in weights:
        return Verdict.CHECK_WITH_ISSUER
    return Verdict.VALID


def side_of(party: str, permit: Permit) -> Side:
    """At which border customs of a Party ask; others are answered as at the import."""
    return Side.EXPORT if party == permit.exporter_country != permit.importer_country else Side.IMPORT


def by_dates(permit: Permit, at: datetime) -> Reason:
    """Box 2, at a moment."""
    standing = standing_of(permit, at)
    if standing.in_force:
        return Reason("validity.in-force", Weight.FOR, standing.reason, _FORM)
    return Reason(
        f"validity.{standing.status.value}",
        Weight.AGAINST,
        standing.reason,
        _FORM,
        say("do not accept it; the holder must ask the Management Authority that issued it for another one"),
    )


def by_status(history: Iterable[StatusChange]) -> Iterable[Reason]:
    """What the authorities have said, the last word first."""
    changes = list(history)
    for change in reversed(changes):
        usable = change.status in USABLE
        weight = Weight.AGAINST if change is changes[-1] and not usable else Weight.NOTE
        yield Reason(
            f"status.{change.status.value}",
            weight,
            say(
                "{who} said on {day} that it is {status}: {reason}",
                who=str(change.by),
                day=f"{change.at:%Y-%m-%d}",
                status=change.status.value,
                reason=change.reason,
            ),
            _FORM,
            _TO_DO.get(change.status) if weight is Weight.AGAINST else None,
        )


_KEEP = say("do not accept it; hold the consignment and tell the Management Authority of your Party")
_TO_DO = {
    PermitStatus.CANCELLED: _KEEP,
    PermitStatus.LOST: _KEEP,
    PermitStatus.STOLEN: _KEEP,
    PermitStatus.SUSPENDED: say(
        "do not let it pass before the Management Authority that issued it has answered"
    ),
    PermitStatus.REPLACED: say("ask for the permit that stands for it"),
    PermitStatus.RETURNED_UNUSED: _KEEP,
    PermitStatus.REFUSED_AT_BORDER: say("ask the customs office that refused it why"),
}


def by_ledger(
    permit: Permit,
    balances: Iterable[Balance],
    endorsements: Iterable[Endorsement],
    side: Side,
    policy: UsePolicy,
) -> Iterable[Reason]:
    """Whether anything is left to pass at one border."""
    used = [each for each in endorsements if each.side is side]
    if not used:
        return
    last = used[-1]
    if permit.type_code not in policy.several_consignments:
        yield Reason(
            "use.consignment",
            Weight.AGAINST,
            say(
                "it was used at {side} on {day} at {office}, and it is for one consignment",
                side=side.value,
                day=str(last.on),
                office=last.office,
            ),
            _CONSIGNMENT,
            say("unless this is that very consignment, do not accept it; ask that office"),
        )
        return
    open_lines = [
        balance.line
        for balance in balances
        if balance.authorised is not None and balance.authorised.value > balance.used(side).value
    ]
    if open_lines:
        yield Reason(
            "use.partly",
            Weight.NOTE,
            say(
                "it was used before, last on {day} at {office}; something is left on {lines}",
                day=str(last.on),
                office=last.office,
                lines=", ".join(open_lines),
            ),
            _CONSIGNMENT,
            say("compare the consignment with what is left of each line"),
        )
    else:
        yield Reason(
            "use.nothing-left",
            Weight.AGAINST,
            say("nothing is left: it was used up on {day} at {office}", day=str(last.on), office=last.office),
            _CONSIGNMENT,
            say("do not accept it for another consignment"),
        )


def by_counterparts(
    permit: Permit, cited: Iterable[PermitRef], found: Iterable[Permit], at: datetime
) -> Iterable[Reason]:
    """Documents that the permit refers to: whether they are here, and what the rules say of them together."""
    found = tuple(found)
    here = {each.ref for each in found}
    for number in cited:
        if number in here:
            yield Reason(
                "counterparts.found",
                Weight.NOTE,
                say("it refers to {number}, which is here", number=str(number)),
            )
        else:
            yield Reason(
                "counterparts.not-here",
                Weight.NOTE,
                say("it refers to {number}, which this gateway does not hold", number=str(number)),
                "",
                say("ask for that document, or ask its issuer about it"),
            )
    for rule, severity, breach in check(permit, at=at, evidence=Evidence(counterparts=found)).breaches:
        if rule.needs is Need.COUNTERPART and severity is not Severity.INFO:
            yield Reason(
                rule.id,
                Weight.DOUBT if severity is Severity.ERROR else Weight.NOTE,
                breach.message,
                rule.source,
                say("ask the Management Authority that issued it"),
            )
