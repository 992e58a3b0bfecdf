"""What flows need for alerts from the world, as Protocols."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.exchange.alarms import Alert


class Alerts(Protocol):
    """Alarms that stand, and those that stood not long ago."""

    async def take_turn(self, holder: str, *, at: datetime, until: datetime) -> bool:
        """Be the only one that looks and tells until a moment; False while somebody else is."""

    async def all(self) -> list[Alert]:
        """Every one that is kept, the oldest first."""

    async def put(self, alert: Alert) -> None:
        """Write one, in the place of the one with its key."""

    async def forget(self, ended_before: datetime) -> None:
        """Take away those that have ended before a moment."""


class AlertReceiver(Protocol):
    """Somebody whom the operator wants to be told."""

    name: str
    """`webhook` or `mail`: a label of metrics, and under which is kept what it was told."""
    at_once: int
    """How many it takes in one message."""

    async def tell(self, alerts: Sequence[Alert], at: datetime) -> None:
        """
        Hand over; returns when they have them.

        Raises a `GatewayError` that says what failed.
        """

    async def test(self, at: datetime) -> None:
        """Hand over a message that says that it is a test; raises as `tell`."""
