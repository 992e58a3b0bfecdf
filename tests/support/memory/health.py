"""The port `Health` in memory."""

from gateway.exchange.breaker import PartnerHealth
from support.memory.state import State


class MemoryHealth:
    """Fulfils the port `Health`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def get(self, partner: str) -> PartnerHealth:
        """The health of one partner."""
        return self._state.health.get(partner) or PartnerHealth(partner)

    async def all(self) -> dict[str, PartnerHealth]:
        """Of every partner of whom something is known."""
        return dict(self._state.health)

    async def put(self, health: PartnerHealth) -> None:
        """Write it."""
        self._state.health[health.partner] = health
