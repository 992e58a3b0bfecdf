"""Something happened to a permit that an authority hosted here should hear of, as CloudEvents 1.0 says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from gateway.permits.identity import AuthorityId, PermitRef

SPEC_VERSION = "1.0"
MEDIA_TYPE = "application/cloudevents+json"
"""One event in structured mode (CloudEvents HTTP binding 1.0.2, 3.2)."""
SOURCE = "urn:ecites-gateway:events:"
"""The authority follows: source and id together are unique (CloudEvents 1.0.2, source)."""


class EventKind(StrEnum):
    """What happened; the `type` of the event."""

    ARRIVED = "permit.arrived"
    """A permit is in the authority's inbox."""
    STATUS_CHANGED = "permit.status-changed"
    """An authority said where the permit stands: suspended, cancelled, replaced..."""
    ENDORSED = "permit.endorsed"
    """Customs wrote something off."""
    REVERSED = "permit.endorsement-reversed"
    """An endorsement was a mistake and counts no more."""
    TEST = "webhook.test"
    """Nothing happened: an operator tries a webhook (`ecites webhook test`)."""


TOLD = tuple(kind for kind in EventKind if kind is not EventKind.TEST)
"""What an authority is told of."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that one authority is told; what a permit's balance is by then is not part of it."""

    id: str
    """UUIDv7; a repetition keeps it, so that the receiver recognises it."""
    authority: AuthorityId
    """Who is told."""
    kind: EventKind
    permit: PermitRef
    by: AuthorityId
    """Who did it: the sender of a permit, the author of a notice."""
    about: str
    """Id of the inbox item, or of the notice."""
    made_at: datetime
    acknowledged_at: datetime | None = None
    """When the authority's system said that it has it; None while it waits in the feed."""


def attributes(event: Event) -> dict[str, str]:
    """The attributes of an event that say nothing of its permit (CloudEvents 1.0.2)."""
    return {
        "specversion": SPEC_VERSION,
        "id": event.id,
        "source": f"{SOURCE}{event.authority}",
        "type": event.kind.value,
        "time": event.made_at.isoformat(),
    }


def cloud_event(event: Event, data: Mapping[str, Any]) -> dict[str, Any]:
    """An event with its data, in the JSON format of CloudEvents 1.0.2."""
    return {
        **attributes(event),
        "subject": str(event.permit),
        "datacontenttype": "application/json",
        "data": dict(data),
    }
