"""What `ecites webhook` does."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import typer

from gateway import clock
from gateway.cli.partner_health import health_as_dict, health_of_partners, in_a_word
from gateway.config import Settings
from gateway.config.webhooks import MOST_SECRETS, WebhookSettings
from gateway.errors import MalformedRequest
from gateway.exchange.breaker import PartnerHealth
from gateway.exchange.webhooks import Webhook
from gateway.flows.try_webhook import try_webhook
from gateway.loading.node import SystemClock
from gateway.loading.tls import load_client_tls
from gateway.loading.webhooks import secrets_of
from gateway.permits.identity import AuthorityId
from gateway.signatures.keyring import TrustStore
from gateway.signatures.keys import write_new
from gateway.signatures.webhooks import new_secret
from gateway.transport.webhook import HttpPusher


@dataclass(frozen=True, slots=True)
class Made:
    """A new secret."""

    file: Path
    secret: str
    table: str
    """What to write into the configuration."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A webhook and how its receiver answers."""

    settings: WebhookSettings
    health: PartnerHealth | None
    at: datetime

    def cells(self) -> tuple[str, ...]:
        """A row of the table."""
        each = self.settings
        error = self.health.error_code if self.health and self.health.failures else ""
        return (
            each.name,
            str(each.authority),
            each.url,
            each.format.value,
            str(len(each.secrets)),
            in_a_word(self.health, self.at),
            error,
        )

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape; no secret is in it."""
        each = self.settings
        return {
            "name": each.name,
            "authority": str(each.authority),
            "url": each.url,
            "format": each.format.value,
            "kinds": [kind.value for kind in each.kinds],
            "secrets": [str(file) for file in each.secrets],
            "partner": each.webhook().id,
            "health": health_as_dict(self.health, self.at),
        }


def make(settings: Settings, name: str, authority: str, url: str) -> Made:
    """
    A secret in a file of its own, and the table, or the line, that names it.

    Ends with a usage error for a webhook that could not be configured so; raises `KeyMaterialError` when the
    file cannot be written.
    """
    configured = next((each for each in settings.webhook if each.name == name), None)
    if configured is not None:
        return _another(settings, configured)
    file = _free(settings, name)
    try:
        hosted = AuthorityId.parse(authority)
        made = WebhookSettings(name, hosted, url, (file,))
    except (MalformedRequest, ValueError) as error:
        raise typer.BadParameter(str(error)) from None
    if hosted not in settings.directory().hosted:
        known = ", ".join(map(str, sorted(settings.directory().hosted)))
        raise typer.BadParameter(f"{hosted} does not live here; known: {known}", param_hint="--authority")
    secret = _write(file)
    table = "\n".join(
        (
            "[[webhook]]",
            f'name = "{made.name}"',
            f'authority = "{made.authority}"',
            f'url = "{made.url}"',
            _line(settings, made.secrets),
        )
    )
    return Made(file, secret, table)


def listed(settings: Settings) -> list[Listed]:
    """Every webhook, in the order of the configuration."""
    health, at = health_of_partners(settings), clock.now()
    return [Listed(each, health.get(each.webhook().id), at) for each in settings.webhook]


def known(settings: Settings, name: str) -> Webhook:
    """The webhook of that name; ends with a usage error when there is none."""
    for each in settings.webhook:
        if each.name == name:
            return each.webhook()
    names = ", ".join(each.name for each in settings.webhook) or "none"
    raise typer.BadParameter(f"there is no webhook {name}; known: {names}", param_hint="NAME")


def push_test(settings: Settings, webhook: Webhook) -> tuple[str, float]:
    """Push a test; its id and the seconds that it took. Raises what the receiver did not do."""

    async def run() -> tuple[str, float]:
        tls = load_client_tls(settings, TrustStore({}), clock.now())
        async with HttpPusher(settings.transport, lambda: tls, partial(secrets_of, settings)) as pusher:
            return await try_webhook(webhook, SystemClock(), pusher)

    return asyncio.run(run())


def _another(settings: Settings, configured: WebhookSettings) -> Made:
    """A second secret."""
    if len(configured.secrets) >= MOST_SECRETS:
        raise typer.BadParameter(
            f"webhook {configured.name} has {MOST_SECRETS} secrets already: take away the one that its "
            "receiver does not use any more",
            param_hint="NAME",
        )
    file = _free(settings, configured.name)
    secret = _write(file)
    return Made(file, secret, _line(settings, (*configured.secrets, file)))


def _free(settings: Settings, name: str) -> Path:
    """A file that is not there yet, beside the keys."""
    number = 1
    while (file := settings.key_folder / f"webhook-{name}-{number}.secret").exists():
        number += 1
    return file


def _write(file: Path) -> str:
    """A new secret in its file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    secret = new_secret()
    write_new(file, f"{secret}\n".encode("ascii"), mode=0o600)
    return secret


def _line(settings: Settings, files: tuple[Path, ...]) -> str:
    """The key `secrets`; a file below the folder of the configuration is named from there."""
    named = [
        file.relative_to(settings.folder) if file.is_relative_to(settings.folder) else file for file in files
    ]
    quoted = ", ".join(f'"{each}"' for each in named)
    return f"secrets = [{quoted}]"
