"""What the configuration says of alerts: when something is one, and who hears of it."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gateway.config.webhooks import MOST_SECRETS
from gateway.exchange.addresses import is_safe_address
from gateway.exchange.alarms import AlertPolicy

_ADDRESS = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+")
"""Enough to find what is no address at all; only the mail server knows whether it is one."""


@dataclass(frozen=True, slots=True)
class AlertWebhookSettings:
    """An address that is told."""

    url: str
    secrets: tuple[Path, ...]
    """Files with a secret each, `whsec_...`; two while one replaces the other: both sign."""

    def __post_init__(self) -> None:
        """Refuse what could not be sent, or not safely."""
        if not is_safe_address(self.url):
            raise ValueError(f"url must be https, or of this machine itself, not {self.url!r}")
        if "@" in urlsplit(self.url).netloc:
            raise ValueError("url must have no user and no password: the signature says who calls")
        if not 1 <= len(self.secrets) <= MOST_SECRETS:
            raise ValueError("secrets must name one file, or two while one replaces the other")


@dataclass(frozen=True, slots=True)
class AlertMailSettings:
    """A mail server and those who are told."""

    host: str
    sender: str
    to: tuple[str, ...]
    port: int = 587
    starttls: bool = True
    """The connection is encrypted before a password or a word goes; a server that cannot is not used."""
    user: str = ""
    password_file: Path | None = None
    """The file with the password of `user`, closed to others."""
    seconds: float = 30.0
    """For one mail, from the connection to its end."""

    def __post_init__(self) -> None:
        """Refuse what no mail server could take."""
        for address in (self.sender, *self.to):
            if not _ADDRESS.fullmatch(address):
                raise ValueError(f"{address!r} is no mail address")
        if not self.host or not self.to:
            raise ValueError("host and to must not be empty")
        if not self.seconds > 0:
            raise ValueError(f"seconds must be more than 0, not {self.seconds:g}")
        if bool(self.user) != (self.password_file is not None):
            raise ValueError("user and password_file belong together: name both, or neither")
        if self.user and not self.starttls and not is_safe_address(f"http://{self.host}/"):
            raise ValueError("a password goes to another machine with starttls = true only")


@dataclass(frozen=True, slots=True)
class AlertSettings(AlertPolicy):
    """When something is worth a call, and who is called."""

    webhook: AlertWebhookSettings | None = None
    mail: AlertMailSettings | None = None
