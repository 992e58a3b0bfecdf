"""What the states of a delivery and the codes of errors mean, in words, and what one can do."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.errors import (
    NotCollected,
    PartnerAnsweredWrongly,
    PartnerUnreachable,
    ReceiptRefused,
    SignatureRefused,
)
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.delivery_query import DeliveryQuery
from gateway.exchange.message import Kind
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import DeliveryRecord, Direction
from gateway.flows.operate import Act, actable
from gateway.wording import Words, say


@dataclass(frozen=True, slots=True)
class Meaning:
    """One state as people read it."""

    tone: str
    """good, bad, unsure or calm."""
    name: Words
    means: Words
    advice: Words


STATES: Mapping[DeliveryState, Meaning] = {
    DeliveryState.QUEUED: Meaning(
        "calm",
        say("queued"),
        say("It waits for its first or next attempt; the gateway makes it by itself."),
        say("Nothing has to be done. When the partner says that it is back, try it now."),
    ),
    DeliveryState.WAITING: Meaning(
        "calm",
        say("in the mailbox"),
        say("The partner only calls out: the message lies in its mailbox here until it collects it."),
        say("If nobody collects it for long, ask the partner whether its gateway runs and calls."),
    ),
    DeliveryState.SENDING: Meaning(
        "calm",
        say("being sent"),
        say("A worker is sending it at this moment."),
        say("Nothing can be done while it is on its way; look again in a minute."),
    ),
    DeliveryState.DELIVERED: Meaning(
        "good",
        say("delivered"),
        say("The recipient has it; a signed receipt says so, or it was handed over here."),
        say("Nothing has to be done."),
    ),
    DeliveryState.DELIVERED_WITH_WARNINGS: Meaning(
        "good",
        say("delivered with remarks"),
        say("The recipient has it and has remarks; they stand in the receipt."),
        say("Nothing must be done; show the remarks to whoever issues the permits."),
    ),
    DeliveryState.NOT_READABLE: Meaning(
        "bad",
        say("not readable there"),
        say("The recipient says, with a signed receipt, that it cannot read the document."),
        say("Sending the same again changes nothing. Ask the partner which message versions it reads."),
    ),
    DeliveryState.REFUSED: Meaning(
        "bad",
        say("refused"),
        say("The recipient has read the document and does not accept it; the receipt says why."),
        say(
            "Sending the same again changes nothing. The authority must mend the permit and submit it again."
        ),
    ),
    DeliveryState.NO_RECEIPT: Meaning(
        "unsure",
        say("no receipt"),
        say("Nothing was heard until the deadline: whether it arrived is not known."),
        say(
            "Ask the partner whether it has it. Sending it again is safe: the same message is recognised "
            "there and kept once."
        ),
    ),
    DeliveryState.DEAD: Meaning(
        "bad",
        say("given up"),
        say("The partner does not take it, whatever is tried: the gateway has given up."),
        say(
            "Mend what the error names, here or at the partner, then send it again; or drop it with a reason."
        ),
    ),
    DeliveryState.DROPPED: Meaning(
        "calm",
        say("dropped"),
        say("Somebody has decided that it is not sent any more; the message log says who and why."),
        say("Nothing has to be done. It can still be sent again."),
    ),
}

ERRORS: Mapping[str, Words] = {
    PartnerUnreachable.code: say(
        "No connection, or no answer in time. Look whether other messages to this partner arrive; if none "
        "do, ask its operator whether its gateway runs and whether the address is right."
    ),
    PartnerAnsweredWrongly.code: say(
        "The partner answered with something else than a receipt; its words stand in the error. Usually a "
        "key or an agreement differs: compare certificates with its operator, then test the partner."
    ),
    ReceiptRefused.code: say(
        "An answer came that cannot be believed. Ask the partner's operator whether its key was changed, "
        "and register its new certificate before you send again."
    ),
    NotCollected.code: say(
        "The partner has not come to its mailbox. Ask its operator whether its gateway runs and calls; the "
        "message stays in the mailbox."
    ),
    SignatureRefused.code: say(
        "A signature does not hold. Test the partner, and compare the fingerprints of the certificates with "
        "its operator."
    ),
    Outcome.REFUSED.value: say("The receiver's reasons stand in the receipt; the permit must be mended."),
    Outcome.NOT_READABLE.value: say("Ask the partner which message versions it reads."),
}

OUTCOMES: Mapping[Outcome, tuple[str, Words]] = {
    Outcome.ACCEPTED: ("good", say("accepted")),
    Outcome.ACCEPTED_WITH_WARNINGS: ("good", say("accepted with remarks")),
    Outcome.NOT_READABLE: ("bad", say("not readable")),
    Outcome.REFUSED: ("bad", say("refused")),
}
"""Of a receipt."""

ACTS: Mapping[Act, tuple[Words, Words]] = {
    Act.RETRY: (
        say("Try now"),
        say("They are tried at once instead of at their next attempt; nothing else changes."),
    ),
    Act.REQUEUE: (
        say("Send again"),
        say(
            "The same signed envelopes go again under the same ids, and the deadline begins anew. A partner "
            "that has one already answers with the same receipt and keeps it once."
        ),
    ),
    Act.DROP: (
        say("Drop"),
        say("They are not sent any more and leave the list of what needs somebody. Tell their senders."),
    ),
}
"""What the button says, and what the act does."""

DIRECTIONS: Mapping[Direction, Words] = {Direction.IN: say("came in"), Direction.OUT: say("went out")}

KINDS: Mapping[Kind, Words] = {
    Kind.PERMIT: say("permit"),
    Kind.TEST: say("test"),
    Kind.STATUS: say("change of status"),
    Kind.ENDORSEMENT: say("endorsement"),
    Kind.QUESTION: say("question"),
}


def acts_on(record: DeliveryRecord) -> list[Act]:
    """What can be done with a delivery as it is."""
    return [act for act in Act if actable(act, DeliveryQuery(states=(record.state,))).ids == ()]


def advice_on(code: str) -> Words | None:
    """What to do about an error; None when its own words say it."""
    return ERRORS.get(code)
