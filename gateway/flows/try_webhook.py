"""An operator tries a webhook: an event that is none goes to it, now and once."""

from typing import Any

from gateway.exchange.events import Event, EventKind
from gateway.exchange.webhooks import Format, Webhook, in_json, in_xml
from gateway.flows.ports import Clock, Pusher
from gateway.permits.identity import PermitRef

NUMBER = "TEST"
"""In place of the number of a permit."""
DOCUMENT = b'<?xml version="1.0" encoding="UTF-8"?>\n<Test xmlns="urn:ecites-gateway:exchange:1"/>\n'
"""In place of a permit or a notice."""


async def try_webhook(webhook: Webhook, clock: Clock, pusher: Pusher) -> tuple[str, float]:
    """
    Push an event of the kind `webhook.test`; nothing is kept, and nothing is tried again.

    Returns its id, and the seconds until the receiver said that it has it. Raises what a `Pusher` raises.
    """
    begun = clock.now()
    ref = PermitRef(webhook.authority.party, NUMBER)
    event = Event(clock.new_id(), webhook.authority, EventKind.TEST, ref, webhook.authority, "", begun)
    data: dict[str, Any] = {
        "by": str(event.by),
        "issuer": ref.issuer,
        "number": ref.number,
        "permit": None,
    }
    parcel = in_xml(event, DOCUMENT) if webhook.format is Format.XML else in_json(event, data)
    await pusher.push(webhook, parcel, begun)
    return event.id, (clock.now() - begun).total_seconds()
