"""Alerts to an address of the operator, signed by the Standard Webhooks specification 1.0 like events."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from gateway import clock
from gateway.exchange.alarms import Alert
from gateway.exchange.webhooks import Parcel, Webhook
from gateway.permits.identity import AuthorityId
from gateway.transport.rest import TransportSettings
from gateway.transport.tls import ClientTls
from gateway.transport.webhook import HttpPusher

NAME = "webhook"
BEGUN, ENDED, TEST = "ecites.alert.begun", "ecites.alert.ended", "ecites.alert.test"


class AlertWebhook:
    """Fulfils the port `AlertReceiver`."""

    name = NAME
    at_once = 1

    def __init__(
        self,
        url: str,
        authority: AuthorityId,
        settings: TransportSettings,
        tls: Callable[[], ClientTls],
        secrets: Callable[[], Sequence[bytes]],
    ) -> None:
        """`authority` lives here and says whose gateway it is; secrets are read at each telling."""
        self._webhook = Webhook("alerts", authority, url)
        self._settings = settings
        self._tls = tls
        self._secrets = secrets

    async def tell(self, alerts: Sequence[Alert], at: datetime) -> None:
        """
        POST each, one after the other; the id of one that is sent again is the same.

        Raises `PartnerUnreachable`, `PartnerAnsweredWrongly` or `KeyMaterialError`.
        """
        for alert in alerts:
            kind = ENDED if alert.ended else BEGUN
            body = {"type": kind, "timestamp": at.isoformat(), "data": self._data(alert)}
            await self._push(f"{alert.id}.{'ended' if alert.ended else 'begun'}.{alert.amount}", body, at)

    async def test(self, at: datetime) -> None:
        """POST a message that says that it is a test; raises as `tell`."""
        said = {"type": TEST, "timestamp": at.isoformat(), "data": {"gateway": str(self._webhook.authority)}}
        await self._push(f"{clock.new_id()}.test", said, at)

    async def _push(self, parcel_id: str, body: dict[str, Any], at: datetime) -> None:
        """One request over a connection of its own: alerts are seldom, and nothing of them is kept open."""
        data = json.dumps(body, ensure_ascii=False).encode()
        async with HttpPusher(self._settings, self._tls, lambda _: self._secrets()) as pusher:
            await pusher.push(self._webhook, Parcel(parcel_id, data, "application/json"), at)

    def _data(self, alert: Alert) -> dict[str, Any]:
        """What is said of an alert."""
        return {
            "gateway": str(self._webhook.authority),
            "id": alert.id,
            "kind": alert.kind.value,
            "subject": alert.subject,
            "partner": alert.partner,
            "text": alert.text,
            "advice": alert.advice,
            "amount": alert.amount,
            "begun_at": alert.begun_at.isoformat(),
            "ended_at": alert.ended_at.isoformat() if alert.ended_at else None,
        }
