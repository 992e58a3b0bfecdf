"""How partners answer, as `ecites partner` shows it."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import typer

from gateway.config import Settings
from gateway.errors import GatewayError
from gateway.exchange.breaker import PartnerHealth
from gateway.loading.database import open_database


def health_of_partners(settings: Settings) -> Mapping[str, PartnerHealth]:
    """What the database knows, by partner; nothing where it cannot be asked, which other commands tell."""
    try:
        return asyncio.run(_read(settings))
    except GatewayError:
        return {}


async def _read(settings: Settings) -> Mapping[str, PartnerHealth]:
    """In the loop."""
    database = await open_database(settings)
    try:
        async with database.read() as transaction:
            return await transaction.health.all()
    finally:
        await database.close()


def health_as_dict(health: PartnerHealth | None, at: datetime) -> dict[str, Any] | None:
    """The JSON shape; null when nothing was ever sent."""
    if health is None:
        return None
    return {
        "breaker": health.state(at).value,
        "failures": health.failures,
        "probe_at": health.probe_at.isoformat() if health.probe_at else None,
        "answered_at": health.answered_at.isoformat() if health.answered_at else None,
        "failed_at": health.failed_at.isoformat() if health.failed_at else None,
        "error_code": health.error_code,
        "error": health.error,
    }


def in_a_word(health: PartnerHealth | None, at: datetime) -> str:
    """The state of the breaker; a dash when nothing was ever sent."""
    return health.state(at).value if health else "-"


def print_health(health: PartnerHealth | None, at: datetime) -> None:
    """When it answered, and what went wrong."""
    if health is None:
        typer.echo("  answers     nothing was sent to it yet")
        return
    last = f"{health.answered_at:%Y-%m-%d %H:%M} UTC" if health.answered_at else "never"
    typer.echo(f"  answers     breaker {health.state(at)}; last answer {last}")
    if health.failures and health.failed_at:
        typer.echo(f"  failures    {health.failures} in a row, last {health.failed_at:%Y-%m-%d %H:%M} UTC")
        typer.echo(f"              {health.error} [{health.error_code}]")
    if health.probe_at:
        typer.echo(f"  next try    {health.probe_at:%Y-%m-%d %H:%M:%S} UTC")
