"""Where the events of an authority hosted here are pushed to."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.exchange.directory import Partner
from gateway.exchange.events import TOLD, Event, EventKind
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
