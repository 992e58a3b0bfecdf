"""What the configuration says of a webhook."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gateway.exchange.addresses import is_safe_address
from gateway.exchange.events import TOLD, EventKind
from gateway.exchange.webhooks import Format, Webhook
from gateway.permits.identity import AuthorityId

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")
MOST_SECRETS = 2
"""The one in use and the one that replaces it."""


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """An endpoint of a system at an authority that lives here."""

    name: str
    authority: AuthorityId
    url: str
    secrets: tuple[Path, ...]
    """Files with a secret each, `whsec_...`; two while one replaces the other: both sign."""
    kinds: tuple[EventKind, ...] = TOLD
    format: Format = Format.CLOUDEVENTS

    def __post_init__(self) -> None:
        """Refuse what could not be sent, or not safely."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"name must have 1 to 50 small letters, digits and hyphens, not {self.name!r}")
        if not is_safe_address(self.url):
            raise ValueError(f"url must be https, or of this machine itself, not {self.url!r}")
        if "@" in urlsplit(self.url).netloc:
            raise ValueError("url must have no user and no password: the signature says who calls")
        if not 1 <= len(self.secrets) <= MOST_SECRETS:
            raise ValueError("secrets must name one file, or two while one replaces the other")
        if not self.kinds or EventKind.TEST in self.kinds:
            raise ValueError(f"kinds must be some of {', '.join(TOLD)}")

    def webhook(self) -> Webhook:
        """As a running gateway holds it."""
        return Webhook(self.name, self.authority, self.url, self.kinds, self.format)
