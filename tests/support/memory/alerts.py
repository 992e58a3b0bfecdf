"""The port `Alerts` in memory."""

from datetime import datetime

from gateway.exchange.alarms import Alert
from support.memory.state import State


class MemoryAlerts:
    """Fulfils the port `Alerts`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def take_turn(self, holder: str, *, at: datetime, until: datetime) -> bool:
        """Be the only one until a moment."""
        taken = self._state.alert_turn
        if taken and taken[0] != holder and at < taken[1] <= at + 2 * (until - at):
            return False
        self._state.alert_turn = (holder, until)
        return True

    async def all(self) -> list[Alert]:
        """Every one that is kept, the oldest first."""
        return sorted(self._state.alerts.values(), key=lambda each: (each.begun_at, each.key))

    async def put(self, alert: Alert) -> None:
        """Write one."""
        self._state.alerts[alert.key] = alert

    async def forget(self, ended_before: datetime) -> None:
        """Take away those that have ended before a moment."""
        for key, alert in list(self._state.alerts.items()):
            if alert.ended_at is not None and alert.ended_at < ended_before:
                del self._state.alerts[key]
