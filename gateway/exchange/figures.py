"""What is counted for those who look after a gateway."""

import math
from dataclasses import dataclass
from datetime import datetime

from gateway.exchange.delivery import DeliveryState

RECEIPTED = (
    DeliveryState.DELIVERED,
    DeliveryState.DELIVERED_WITH_WARNINGS,
    DeliveryState.REFUSED,
    DeliveryState.NOT_READABLE,
)
"""The states in which a partner has answered."""
SENT_BACK = (DeliveryState.REFUSED, DeliveryState.NOT_READABLE)
"""The states in which a partner has said no."""
UNSETTLED = tuple(state for state in DeliveryState if not state.settled)


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment to another one, which does not belong to it."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Travelled:
    """Messages that came and went."""

    came: int = 0
    went: int = 0
    turned_down: int = 0
    """Of those that came, the ones that we refused with a receipt."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Dead letters of one kind."""

    state: DeliveryState
    error_code: str
    count: int
    newest: datetime
    """When the last one was given up."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What has not arrived yet at one partner, in one state."""

    partner: str
    state: DeliveryState
    count: int
    oldest: datetime
    """When the one that waits longest was queued."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the last attempts at a partner."""

    outcome: str
    seconds: float

    @property
    def answered(self) -> bool:
        """Whether a receipt came back."""
        return self.outcome in RECEIPTED


def percentile(values: list[float], share: float) -> float | None:
    """The value that `share` (0 to 1) of all do not exceed; None of nothing."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
