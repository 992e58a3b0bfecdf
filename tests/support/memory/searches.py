"""The port `Searches` in memory."""

from datetime import datetime

from gateway.messagelog.saved import SavedSearch
from support.memory.state import State


class MemorySearches:
    """Fulfils the port `Searches`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def keep(self, search: SavedSearch) -> None:
        """Keep a search."""
        for other in await self.named(search.person):
            if other.name == search.name:
                del self._state.searches[other.id]
        self._state.searches[search.id] = search

    async def find(self, search_id: str, person: str) -> SavedSearch | None:
        """The search of a person with that id."""
        found = self._state.searches.get(search_id)
        return found if found and found.person == person else None

    async def named(self, person: str) -> list[SavedSearch]:
        """The searches of a person that have a name."""
        found = [each for each in self._state.searches.values() if each.person == person and each.name]
        return sorted(found, key=lambda each: each.name)

    async def forget(self, search_id: str, person: str) -> bool:
        """Delete a search of a person."""
        found = await self.find(search_id, person)
        return found is not None and bool(self._state.searches.pop(search_id))

    async def forget_unnamed(self, before: datetime) -> int:
        """Delete old ones without a name."""
        old = [each.id for each in self._state.searches.values() if not each.name and each.at < before]
        for search_id in old:
            del self._state.searches[search_id]
        return len(old)
