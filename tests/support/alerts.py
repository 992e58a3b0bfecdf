"""Alarms, alerts and receivers for tests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gateway.errors import GatewayError
from gateway.exchange.alarm_reasons import dead_letters
from gateway.exchange.alarms import Alarm, AlarmKind, Alert
from gateway.exchange.claiming import Backlog
from gateway.exchange.delivery import DeliveryState
from gateway.flows.watch_alarms import Source
from support.keys import NOW


def alarm(partner: str = "fr", kind: AlarmKind = AlarmKind.DEAD_LETTERS, amount: int = 1) -> Alarm:
    """Something is wrong with a partner."""
    (made,) = dead_letters([Backlog(partner, DeliveryState.DEAD, amount, NOW)])
    return replace(made, kind=kind)


def alert(partner: str = "fr", **changes: Any) -> Alert:
    """One that stands."""
    wrong = alarm(partner)
    made: dict[str, Any] = {
        "key": wrong.key,
        "id": f"019ab3f0-0000-7000-8000-{partner:0>12}",
        "kind": wrong.kind,
        "subject": partner,
        "text": str(wrong.text),
        "advice": str(wrong.advice),
        "amount": 1,
        "begun_at": NOW,
        "partner": partner,
    }
    return Alert(**(made | changes))


@dataclass(slots=True)
class Wrong:
    """A source whose alarms a test sets."""

    alarms: list[Alarm] = field(default_factory=list)
    fails: bool = False

    def source(self) -> Source:
        """As the flow takes it."""
        return Source(frozenset(AlarmKind), self.look)

    async def look(self, _at: datetime) -> Iterable[Alarm]:
        """What is wrong now."""
        if self.fails:
            raise RuntimeError("nobody knows")
        return list(self.alarms)


@dataclass(slots=True)
class Heard:
    """A receiver that keeps what it hears, and can be told to fail."""

    name: str = "webhook"
    at_once: int = 1
    alerts: list[Alert] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    """Raised one by one before anything is taken."""

    async def tell(self, alerts: Sequence[Alert], _at: datetime) -> None:
        """Take them."""
        if self.failures:
            raise self.failures.pop(0)
        self.alerts += alerts

    async def test(self, _at: datetime) -> None:
        """Nothing to test."""
        raise GatewayError("this is not asked for")

    def words(self) -> list[tuple[str, str]]:
        """Subject and what was said, in order."""
        return [(each.subject, "ended" if each.ended else "begun") for each in self.alerts]
