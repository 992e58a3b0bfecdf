"""What can become of a delivery: its states and the steps between them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.errors import GatewayError, PartnerAnsweredWrongly
from gateway.exchange.receipts import Outcome
from gateway.exchange.retry import RetryPolicy


class DeliveryState(StrEnum):
    """Where one message stands on its way to one recipient."""

    QUEUED = "queued"
    """Waits for its first or next attempt."""
    WAITING = "waiting"
    """In the mailbox of a partner that only calls out, until that one has acknowledged it."""
    SENDING = "sending"
    """A worker has it, until its lease ends."""
    DELIVERED = "delivered"
    """A verified receipt says accepted; or it was handed to an authority hosted here."""
    DELIVERED_WITH_WARNINGS = "delivered-with-warnings"
    """As delivered; the receiver has remarks."""
    NOT_READABLE = "not-readable"
    """A verified receipt says that the payload could not be read."""
    REFUSED = "refused"
    """A verified receipt says that the payload is not accepted."""
    NO_RECEIPT = "no-receipt"
    """Nothing was heard until the deadline: whether it arrived is not known; an operator must act."""
    DEAD = "dead"
    """The partner will not take it, whatever is tried; an operator must act."""

    DROPPED = "dropped"
    """An operator has given it up, with a reason."""

    @property
    def settled(self) -> bool:
        """True when no further attempt will be made."""
        return self not in (DeliveryState.QUEUED, DeliveryState.WAITING, DeliveryState.SENDING)


_BY_OUTCOME = {
    Outcome.ACCEPTED: DeliveryState.DELIVERED,
    Outcome.ACCEPTED_WITH_WARNINGS: DeliveryState.DELIVERED_WITH_WARNINGS,
    Outcome.NOT_READABLE: DeliveryState.NOT_READABLE,
    Outcome.REFUSED: DeliveryState.REFUSED,
}


@dataclass(frozen=True, slots=True)
class Room:
    """
    How many more messages, and with how many bytes, may be on their way to each partner.

    So a slow partner holds up no other, and holds no more memory than it may.
    """

    default: int
    by_partner: Mapping[str, int] = field(default_factory=dict)
    bytes_default: float = math.inf
    """So many bytes may be on their way to one partner at the same time; a single message always may."""
    bytes_by_partner: Mapping[str, int] = field(default_factory=dict)
    under_way: Mapping[str, int] = field(default_factory=dict)
    """Bytes that are on their way now; a partner to which nothing is does not stand here."""

    def of(self, partner: str) -> int:
        """Free places of one partner."""
        return self.by_partner.get(partner, self.default)

    def bytes_of(self, partner: str) -> float:
        """Bytes that may be on their way to one partner together."""
        return self.bytes_by_partner.get(partner, self.bytes_default)

    @property
    def full(self) -> tuple[str, ...]:
        """The partners without a free place."""
        return tuple(partner for partner, free in self.by_partner.items() if free <= 0)


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from one attempt."""

    state: DeliveryState
    next_attempt_at: datetime | None = None
    """Set exactly when the state is QUEUED, or WAITING: then it is the moment at which we give up."""


def after_receipt(outcome: Outcome) -> Step:
    """A verified receipt settles the delivery."""
    return Step(_BY_OUTCOME[outcome])


def after_failure(
    error: GatewayError,
    *,
    attempts: int,
    created_at: datetime,
    at: datetime,
    policy: RetryPolicy,
    jitter: float,
) -> Step:
    """
    No receipt: try again later, or give up.

    `attempts` counts the one that just failed; `jitter` is between 0 and 1. A refusal that will not heal
    (`fields["final"]` of `PartnerAnsweredWrongly`) gives up at once; silence does so at the deadline. A
    partner that said when to come again (`fields["retry_after"]`, in seconds) is not asked before.
    """
    if isinstance(error, PartnerAnsweredWrongly) and error.fields.get("final"):
        return Step(DeliveryState.DEAD)
    wait = timedelta(seconds=float(error.fields.get("retry_after", 0.0)))
    next_attempt = at + max(policy.pause(attempts, jitter), wait)
    if next_attempt > created_at + policy.deadline:
        return Step(DeliveryState.NO_RECEIPT)
    return Step(DeliveryState.QUEUED, next_attempt)
