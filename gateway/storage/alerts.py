"""Alarms that stand, shared by all processes."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Table, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.exchange.alarms import AlarmKind, Alert, Telling
from gateway.storage.tables import alert_turn, alerts

_TURN = "alerts"
"""There is one turn; the table has room for others."""


class AlertTable:
    """Fulfils the port `Alerts`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def take_turn(self, holder: str, *, at: datetime, until: datetime) -> bool:
        """
        Be the only one until a moment; False while somebody else is.

        A turn that ends later than twice the time that is asked for was taken by a clock that was ahead.
        """
        made = _insert(self._connection.dialect.name, alert_turn)
        free = or_(
            alert_turn.c.holder == holder,
            alert_turn.c.until <= at,
            alert_turn.c.until > at + 2 * (until - at),
        )
        taken = await self._connection.execute(
            made.values(name=_TURN, holder=holder, until=until).on_conflict_do_update(
                index_elements=["name"], set_={"holder": holder, "until": until}, where=free
            )
        )
        return bool(taken.rowcount)

    async def all(self) -> list[Alert]:
        """Every one that is kept, the oldest first."""
        rows = await self._connection.execute(select(alerts).order_by(alerts.c.begun_at, alerts.c.key))
        return [_alert(row) for row in rows]

    async def put(self, alert: Alert) -> None:
        """Write one, in the place of the one with its key."""
        await self._connection.execute(_put(self._connection.dialect.name), _values(alert))

    async def forget(self, ended_before: datetime) -> None:
        """Take away those that have ended before a moment."""
        await self._connection.execute(delete(alerts).where(alerts.c.ended_at < ended_before))


def _insert(dialect: str, table: Table) -> Any:
    """The dialect's own insert, which knows about rows that are there already."""
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


@cache
def _put(dialect: str) -> Any:
    """Insert, or replace what is there; the statement, made once."""
    made = _insert(dialect, alerts)
    others = [column.name for column in alerts.columns if not column.primary_key]
    return made.on_conflict_do_update(
        index_elements=["key"], set_={name: made.excluded[name] for name in others}
    )


def _values(alert: Alert) -> dict[str, Any]:
    """The row."""
    told = {name: [each.ended, each.at.isoformat(), each.amount] for name, each in alert.told.items()}
    return {
        "key": alert.key,
        "id": alert.id,
        "kind": alert.kind.value,
        "subject": alert.subject,
        "partner": alert.partner,
        "text": alert.text,
        "advice": alert.advice,
        "amount": alert.amount,
        "begun_at": alert.begun_at,
        "ended_at": alert.ended_at,
        "told": json.dumps(told),
    }


def _alert(row: Row[Any]) -> Alert:
    """The alert of a row."""
    return Alert(
        key=row.key,
        id=row.id,
        kind=AlarmKind(row.kind),
        subject=row.subject,
        text=row.text,
        advice=row.advice,
        amount=row.amount,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
        told=_told(json.loads(row.told)),
        partner=row.partner,
    )


def _told(kept: Mapping[str, Any]) -> dict[str, Telling]:
    """What receivers have heard."""
    return {
        name: Telling(bool(ended), datetime.fromisoformat(at), int(amount))
        for name, (ended, at, amount) in kept.items()
    }
