"""Where the events of an authority hosted here are pushed to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gateway.exchange.directory import Partner
from gateway.exchange.events import MEDIA_TYPE, TOLD, Event, EventKind, attributes, cloud_event
from gateway.permits.identity import AuthorityId

PREFIX = "webhook:"
"""Before the name of a webhook where a delivery names its partner; no partner has a colon in its id."""


class Format(StrEnum):
    """What is sent."""

    CLOUDEVENTS = "cloudevents"
    """JSON: what happened, and what is left of the permit now."""
    XML = "xml"
    """The permit or the notice itself, byte for byte."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """One endpoint of a system at an authority."""

    name: str
    authority: AuthorityId
    url: str
    kinds: tuple[EventKind, ...] = TOLD
    format: Format = Format.CLOUDEVENTS

    @property
    def id(self) -> str:
        """Under which deliveries, health and metrics know it."""
        return f"{PREFIX}{self.name}"

    def wants(self, event: Event) -> bool:
        """Whether an event is pushed to it."""
        return event.authority == self.authority and event.kind in self.kinds

    def as_partner(self) -> Partner:
        """As a partner without authorities, for what knows how partners answer and fail."""
        return Partner(self.id, self.url, ())


def is_webhook(partner: str) -> bool:
    """Whether the partner of a delivery is a webhook."""
    return partner.startswith(PREFIX)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is pushed to a webhook."""

    id: str
    """Of the event; the receiver recognises a repetition by it."""
    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """Beside those of the signature."""


def in_json(event: Event, data: Mapping[str, Any]) -> Parcel:
    """An event as JSON: everything is in the body (structured mode)."""
    body = json.dumps(cloud_event(event, data), ensure_ascii=False).encode()
    return Parcel(event.id, body, MEDIA_TYPE)


def in_xml(event: Event, document: bytes) -> Parcel:
    """
    The XML that an event is about; the attributes of the event are headers (binary mode).

    The permit's number is not among them: headers end in the logs of proxies.
    """
    headers = {f"ce-{name}": value for name, value in attributes(event).items()}
    return Parcel(event.id, document, "application/xml", headers)
