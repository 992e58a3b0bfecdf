"""Webhooks of the Management Authority of France, and a receiver in memory."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.errors import GatewayError
from gateway.exchange.webhooks import Parcel, Webhook
from support.exchange import FR_MA

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
"""The published example of the Standard Webhooks libraries; it protects nothing."""
OTHER = "whsec_" + "QUJD" * 11 + "QUI="


def webhook(name: str = "system", **changes: Any) -> Webhook:
    """An endpoint that takes everything."""
    return Webhook(**({"name": name, "authority": FR_MA, "url": f"http://{name}.invalid/"} | changes))


@dataclass(slots=True)
class MemoryPusher:
    """Fulfils the port `Pusher`; keeps what came, and can be told to fail."""

    failures: list[GatewayError] = field(default_factory=list)
    """Raised one by one before anything is taken."""
    lost_answers: list[GatewayError] = field(default_factory=list)
    """Raised one by one after something was taken."""
    parcels: list[tuple[str, Parcel, datetime]] = field(default_factory=list)

    async def push(self, webhook: Webhook, parcel: Parcel, at: datetime) -> None:
        """Take a parcel."""
        if self.failures:
            raise self.failures.pop(0)
        self.parcels.append((webhook.name, parcel, at))
        if self.lost_answers:
            raise self.lost_answers.pop(0)
