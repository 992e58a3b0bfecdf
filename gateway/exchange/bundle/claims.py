"""What a receipt says, in sentences; whether it is true that its signer said so is another matter."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from gateway.exchange.bundle.contents import Bundle, Signed
from gateway.exchange.message import Kind
from gateway.exchange.receipts import Outcome
from gateway.wording import Words, say

_OUTCOMES: Mapping[Outcome, Words] = MappingProxyType(
    {
        Outcome.ACCEPTED: say("it accepted and keeps the permit"),
        Outcome.ACCEPTED_WITH_WARNINGS: say("it accepted and keeps the permit, with remarks"),
        Outcome.NOT_READABLE: say("it could not read the document and did not keep it as a permit"),
        Outcome.REFUSED: say("it read the document and refused it"),
    }
)

_TIME = say("when it was received: the receiver states the time, and nobody else has confirmed it")
_REVOKED = say("that no certificate had been taken back by then: ask its issuer for the revocation list")
_READ = say("that a person has read it: the gateway of the authority makes the receipt")
_TODAY = say("that the permit may be used today: it may have ended, or been used, since")


def claims_of(bundle: Bundle) -> tuple[Words, ...]:
    """What the receiver states, a sentence for each thing; then what the log shows."""
    envelope, receipt = bundle.envelope, bundle.receipt
    what = say("permit") if envelope.header.kind is Kind.PERMIT else say("TEST document, which is no permit,")
    return (
        say(
            "{receiver} states that it received, on {time}, message {message} of {sender} with the {what} "
            "{permit}",
            receiver=receipt.sender,
            time=in_words(receipt.received_at),
            message=receipt.message_id,
            sender=receipt.recipient,
            what=what,
            permit=envelope.header.permit,
        ),
        say(
            "{receiver} states that {what} (outcome: {outcome})",
            receiver=receipt.sender,
            what=_OUTCOMES[receipt.outcome],
            outcome=receipt.outcome,
        ),
        say("the message that it received has the SHA-256 {digest}", digest=receipt.envelope_digest),
        say("the document in it has the SHA-256 {digest}", digest=receipt.payload_digest),
        *_log_claims(bundle),
    )


def _log_claims(bundle: Bundle) -> tuple[Words, ...]:
    """What the log shows; nothing in version 1."""
    logged, signer = bundle.logged, bundle.certificate(Signed.LOG)
    if logged is None or signer is None:
        return ()
    return (
        say(
            "the message log {log} holds {count} entries about this message; they stood in it when {signer} "
            "signed, on {time} by its own clock, that it had {size} entries",
            log=logged.origin,
            count=len(logged.entries),
            signer=signer.subject,
            time=in_words(logged.signed_at),
            size=logged.size,
        ),
        *(
            say(
                "logged at {time}: {kind} ({outcome})",
                time=each.at,
                kind=each.kind,
                outcome=each.outcome or "-",
            )
            for each in logged.entries
        ),
    )


def limits_of(bundle: Bundle | None) -> tuple[Words, ...]:
    """What no bundle of its kind proves."""
    if bundle is None or bundle.logged is None:
        return _TIME, _REVOKED, _READ, _TODAY
    lists = tuple(
        say(
            "that no certificate was taken back after {time}, when {issuer} made the revocation list in here",
            time=in_words(each.made_at),
            issuer=each.issuer,
        )
        for each in bundle.lists
    )
    return (
        _TIME,
        say(
            "when it was logged: the clock of the log says so, and no time-stamp of somebody else confirms "
            "it yet"
        ),
        say("that everybody is shown the same log: compare the checkpoint with one that somebody else keeps"),
        *(lists or (_REVOKED,)),
        _READ,
        _TODAY,
    )


def in_words(at: datetime) -> str:
    """A moment for people, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
