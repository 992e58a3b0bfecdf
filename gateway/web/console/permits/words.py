"""Words and tones that the pages about permits share."""

from gateway.flows.happening_words import STATUSES
from gateway.permits.findings import Severity
from gateway.permits.notices import PermitStatus
from gateway.permits.verdict import Verdict, Weight
from gateway.permits.views import Audience
from gateway.wording import Words, say

STATUS_TONES: dict[PermitStatus, str] = {
    **dict.fromkeys(PermitStatus, "bad"),
    PermitStatus.ISSUED: "good",
    PermitStatus.AMENDED: "good",
    PermitStatus.PARTLY_USED: "good",
    PermitStatus.USED: "calm",
    PermitStatus.EXPIRED: "calm",
}

VERDICTS: dict[Verdict, tuple[str, Words]] = {
    Verdict.VALID: ("good", say("Valid")),
    Verdict.NOT_VALID: ("bad", say("Not valid")),
    Verdict.CHECK_WITH_ISSUER: ("unsure", say("Check with the issuer")),
}

WEIGHTS: dict[Weight, tuple[str, Words]] = {
    Weight.FOR: ("good", say("speaks for it")),
    Weight.AGAINST: ("bad", say("speaks against it")),
    Weight.DOUBT: ("unsure", say("doubt")),
    Weight.NOTE: ("calm", say("note")),
}

AUDIENCES: dict[Audience, Words] = {
    Audience.ISSUING: say("an authority of the Party that issued it"),
    Audience.CONCERNED: say("an authority of a Party that it names"),
    Audience.FOREIGN_MA: say("a Management Authority of a Party that it does not name"),
    Audience.FOREIGN_CUSTOMS: say("customs of a Party that it does not name"),
}

DATES: dict[str, Words] = {
    "in-force": say("in force"),
    "not-yet-valid": say("not yet valid"),
    "expired": say("ended"),
}

SEVERITY_TONES: dict[Severity, str] = {
    Severity.ERROR: "bad",
    Severity.WARNING: "unsure",
    Severity.INFO: "calm",
}


def status_badge(status: PermitStatus | None) -> tuple[str, Words]:
    """Tone and word of a status; of a permit that cannot be proven there is none."""
    if status is None:
        return "unsure", say("cannot be proven")
    return STATUS_TONES[status], STATUSES[status]


def sentence_of(verdict: Verdict, seat: str) -> Words:
    """What a verdict means for customs, at the border of the authority `seat`."""
    match verdict:
        case Verdict.VALID:
            return say("Customs may rely on it, at this moment and at the border of {seat}.", seat=seat)
        case Verdict.NOT_VALID:
            return say("Customs must not accept it at the border of {seat}.", seat=seat)
    return say("Nothing is proven against it, and something is missing or strange: ask its issuer.")
