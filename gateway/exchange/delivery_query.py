"""What an operator looks for among deliveries."""

from dataclasses import dataclass
from datetime import datetime

from gateway.exchange.delivery import DeliveryState

DEAD_LETTERS = (DeliveryState.DEAD, DeliveryState.NO_RECEIPT)
"""Deliveries that the gateway has given up on and that wait for an operator."""


@dataclass(frozen=True, slots=True)
class DeliveryQuery:
    """All conditions hold together; an empty one does not count."""

    ids: tuple[str, ...] = ()
    partner: str = ""
    states: tuple[DeliveryState, ...] = ()
    error_code: str = ""
    created_before: datetime | None = None
    created_since: datetime | None = None
    after: str = ""
    """Cursor: only deliveries younger than the one with this id."""
    limit: int = 100
    message_id: str = ""
