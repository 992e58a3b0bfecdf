"""What a receipt says, in sentences; whether it is true that its signer said so is another matter."""

from datetime import UTC, datetime

from gateway.exchange.bundle.contents import Bundle
from gateway.exchange.message import Kind
from gateway.exchange.receipts import Outcome

_OUTCOMES = {
    Outcome.ACCEPTED: "it accepted and keeps the permit",
    Outcome.ACCEPTED_WITH_WARNINGS: "it accepted and keeps the permit, with remarks",
    Outcome.NOT_READABLE: "it could not read the document and did not keep it as a permit",
    Outcome.REFUSED: "it read the document and refused it",
}

LIMITS = (
    "when it was received: the receiver states the time, and nobody else has confirmed it",
    "that no certificate had been taken back by then: ask its issuer for the revocation list",
    "that a person has read it: the gateway of the authority makes the receipt",
    "that the permit may be used today: it may have ended, or been used, since",
)
"""What no bundle proves."""


def claims_of(bundle: Bundle) -> tuple[str, ...]:
    """What the receiver states, a sentence for each thing."""
    envelope, receipt = bundle.envelope, bundle.receipt
    what = "permit" if envelope.header.kind is Kind.PERMIT else "TEST document, which is no permit,"
    return (
        (
            f"{receipt.sender} states that it received, on {in_words(receipt.received_at)}, message "
            f"{receipt.message_id} of {receipt.recipient} with the {what} {envelope.header.permit}"
        ),
        f"{receipt.sender} states that {_OUTCOMES[receipt.outcome]} (outcome: {receipt.outcome})",
        f"the message that it received has the SHA-256 {receipt.envelope_digest}",
        f"the document in it has the SHA-256 {receipt.payload_digest}",
    )


def in_words(at: datetime) -> str:
    """A moment for people, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
