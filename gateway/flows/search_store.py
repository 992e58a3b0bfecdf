"""The port through which flows keep what people looked for in the message log."""

from datetime import datetime
from typing import Protocol

from gateway.messagelog.saved import SavedSearch


class Searches(Protocol):
    """What people looked for."""

    async def keep(self, search: SavedSearch) -> None:
        """Keep a search; one with a name takes the place of the person's other one of that name."""

    async def find(self, search_id: str, person: str) -> SavedSearch | None:
        """The search of a person with that id."""

    async def named(self, person: str) -> list[SavedSearch]:
        """The searches of a person that have a name, by name."""

    async def forget(self, search_id: str, person: str) -> bool:
        """Delete a search of a person; False when there is none."""

    async def forget_unnamed(self, before: datetime) -> int:
        """Delete those without a name from before a moment, whoever's; returns how many."""
