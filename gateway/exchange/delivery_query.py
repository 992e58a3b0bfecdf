"""What an operator looks for among deliveries."""

from dataclasses import dataclass
from datetime import datetime

from gateway.exchange.delivery import DeliveryState
from gateway.permits.identity import AuthorityId

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
    """Cursor: only deliveries that come after the one with this id, in the order that is asked for."""
    limit: int = 100
    message_id: str = ""
    issuer: str = ""
    number: str = ""
    """Permit number, whole."""
    authority: AuthorityId | None = None
    """Sender or recipient."""
    within: frozenset[AuthorityId] = frozenset()
    """The boundary of whoever looks: only what one of these sends or receives; empty: everything."""
    up_to: str = ""
    """Nothing younger than the delivery with this id: what came after somebody looked stays untouched."""
    as_of: datetime | None = None
    """Nothing that was settled, or sent again, after this moment."""
    newest_first: bool = False
