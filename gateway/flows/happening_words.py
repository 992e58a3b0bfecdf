"""What happened to a permit, in sentences for people."""

from collections.abc import Callable

from gateway.messagelog.entry import Entry, EntryKind
from gateway.permits.notices import Endorsement, Notice, PermitStatus, Reversal, Side, StatusChange
from gateway.permits.status_list import STATUS_WORDS
from gateway.wording import Words, phrase, say

STATUSES: dict[PermitStatus, Words] = {
    **STATUS_WORDS,
    PermitStatus.ISSUED: say("issued"),
    PermitStatus.AMENDED: say("amended"),
    PermitStatus.EXPIRED: say("expired"),
    PermitStatus.PARTLY_USED: say("partly used"),
    PermitStatus.USED: say("used up"),
}
"""Where a permit stands."""

SIDES: dict[Side, Words] = {Side.EXPORT: say("export"), Side.IMPORT: say("import")}

_OUTCOMES: dict[str, Words] = {
    "accepted": say("accepted"),
    "accepted-with-warnings": say("accepted with remarks"),
    "delivered": say("accepted"),
    "delivered-with-warnings": say("accepted with remarks"),
    "refused": say("refused"),
    "not-readable": say("not readable"),
    "valid": say("valid"),
    "not-valid": say("not valid"),
    "check-with-issuer": say("check with the issuer"),
    "unknown": say("not known here"),
}
"""Outcomes that people meet often; others stand as the log has them."""

_BAD = frozenset({"refused", "not-readable"})


def outcome_word(outcome: str) -> Words:
    """An outcome in words, or as the log has it."""
    return _OUTCOMES.get(outcome) or phrase(outcome or "-")


def words_of_entry(entry: Entry) -> tuple[Words, bool]:
    """An entry of the log in a sentence, and whether somebody should look."""
    who, outcome = entry.authority or entry.actor, outcome_word(entry.outcome)
    bad = entry.outcome in _BAD or entry.kind in (EntryKind.FAILED, EntryKind.REFUSED)
    return _SENTENCES.get(entry.kind, _other)(entry, who, outcome), bad


def _other(entry: Entry, _who: str, outcome: Words) -> Words:
    """What happens seldom."""
    return say("{kind}: {outcome}", kind=entry.kind.value, outcome=outcome)


def _submitted(_entry: Entry, who: str, _outcome: Words) -> Words:
    """An authority handed it over."""
    return say("{who} submitted it; it was checked, sealed and stored", who=who)


def _received(entry: Entry, who: str, outcome: Words) -> Words:
    """A message brought it."""
    return say(
        "came from {who} by way of {partner}: {outcome}", who=who, partner=entry.partner, outcome=outcome
    )


def _repeated(_entry: Entry, _who: str, _outcome: Words) -> Words:
    """The same again."""
    return say("came again with the same bytes; nothing changed")


def _handed_over(_entry: Entry, who: str, _outcome: Words) -> Words:
    """Into an inbox here."""
    return say("put into the inbox of {who}", who=who)


def _sent(entry: Entry, who: str, outcome: Words) -> Words:
    """A receipt came."""
    return say(
        "{partner} sent a signed receipt for {who}: {outcome}",
        partner=entry.partner,
        who=who,
        outcome=outcome,
    )


def _failed(entry: Entry, who: str, outcome: Words) -> Words:
    """No receipt came."""
    return say(
        "no receipt from {partner} for {who}: {outcome}", partner=entry.partner, who=who, outcome=outcome
    )


def _refused(entry: Entry, _who: str, _outcome: Words) -> Words:
    """Something about it was turned away."""
    return say("turned away ({code}): {why}", code=entry.outcome, why=entry.detail)


def _operated(entry: Entry, _who: str, outcome: Words) -> Words:
    """A person decided."""
    return say("{who} acted on a delivery: {outcome}", who=entry.actor, outcome=outcome)


def _looked(entry: Entry, _who: str, _outcome: Words) -> Words:
    """A person opened a page about it."""
    return say("{who} looked at it in the console ({outcome})", who=entry.actor, outcome=entry.outcome)


def _fetched(entry: Entry, who: str, _outcome: Words) -> Words:
    """What an authority did with its inbox or its events."""
    match entry.outcome:
        case "fetched":
            return say("{who} fetched it", who=who)
        case "acknowledged":
            return say("{who} confirmed that it has it", who=who)
    return say("{who} has heard of it ({outcome})", who=who, outcome=entry.outcome)


def _asked(entry: Entry, who: str, outcome: Words) -> Words:
    """What an authority wanted to know."""
    match entry.outcome:
        case "form":
            return say("{who} had the form drawn", who=who)
        case "ledger":
            return say("{who} looked at the ledger", who=who)
    return say("{who} asked whether it is valid: {outcome}", who=who, outcome=outcome)


_SENTENCES: dict[EntryKind, Callable[[Entry, str, Words], Words]] = {
    EntryKind.SUBMITTED: _submitted,
    EntryKind.RECEIVED: _received,
    EntryKind.REPEATED: _repeated,
    EntryKind.HANDED_OVER: _handed_over,
    EntryKind.FETCHED: _fetched,
    EntryKind.SENT: _sent,
    EntryKind.FAILED: _failed,
    EntryKind.ASKED: _asked,
    EntryKind.REFUSED: _refused,
    EntryKind.OPERATED: _operated,
    EntryKind.LOOKED: _looked,
}


def words_of_notice(notice: Notice) -> Words:
    """What an authority or customs said, in a sentence."""
    match notice:
        case StatusChange():
            return say(
                "{who} said that it is {status}: {reason}",
                who=str(notice.by),
                status=STATUSES[notice.status],
                reason=notice.reason,
            )
        case Endorsement():
            lines = ", ".join(f"{each.line} {each.quantity}" for each in notice.lines)
            return say(
                "{who} wrote off at {side} on {day}, office {office}: {lines}",
                who=str(notice.by),
                side=SIDES[notice.side],
                day=notice.on.isoformat(),
                office=notice.office,
                lines=lines,
            )
        case Reversal():
            return say("{who} took an endorsement back: {reason}", who=str(notice.by), reason=notice.reason)
    raise AssertionError(notice)
