"""What is known of partners' answers, shared by all processes."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.exchange.breaker import PartnerHealth
from gateway.storage.tables import partner_health


class HealthTable:
    """Fulfils the port `Health`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def get(self, partner: str) -> PartnerHealth:
        """The health of one partner; that of one of whom nothing is known yet is perfect."""
        row = (
            await self._connection.execute(select(partner_health).where(partner_health.c.partner == partner))
        ).first()
        return PartnerHealth(partner) if row is None else _health(row)

    async def all(self) -> Mapping[str, PartnerHealth]:
        """Of every partner of whom something is known, by id."""
        rows = await self._connection.execute(select(partner_health))
        return {row.partner: _health(row) for row in rows}

    async def put(self, health: PartnerHealth) -> None:
        """Write the health of one partner; of two that write at once the last one stands."""
        await self._connection.execute(_put(self._connection.dialect.name), _values(health))


@cache
def _put(dialect: str) -> Any:
    """Insert, or replace what is there; the statement, made once."""
    made = (postgresql if dialect == "postgresql" else sqlite).insert(partner_health)
    others = [column.name for column in partner_health.columns if not column.primary_key]
    return made.on_conflict_do_update(
        index_elements=["partner"], set_={name: made.excluded[name] for name in others}
    )


def _values(health: PartnerHealth) -> dict[str, str | int | datetime | None]:
    """The row."""
    return {
        "partner": health.partner,
        "failures": health.failures,
        "probe_at": health.probe_at,
        "answered_at": health.answered_at,
        "failed_at": health.failed_at,
        "error_code": health.error_code,
        "error": health.error,
    }


def _health(row: Row[Any]) -> PartnerHealth:
    """The health of a row."""
    return PartnerHealth(
        row.partner,
        row.failures,
        row.probe_at,
        row.answered_at,
        row.failed_at,
        row.error_code,
        row.error,
    )
