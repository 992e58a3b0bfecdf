"""The port `Log` in memory."""

from collections.abc import Collection
from datetime import datetime

from gateway.errors import StorageError
from gateway.messagelog.entry import Entry
from gateway.messagelog.query import LogQuery
from support.log_filter import erased, matches
from support.memory.state import State


class MemoryLog:
    """Fulfils the port `Log`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def append(self, *entries: Entry) -> None:
        """Write entries."""
        for entry in entries:
            if entry.id in self._state.log:
                raise StorageError(f"entry {entry.id} is there already")
            self._state.log[entry.id] = entry
            self._state.log_queue[entry.id] = entry.at

    async def search(self, query: LogQuery, *, seconds: float | None = None) -> list[Entry]:
        """Matching entries, newest first; no search takes long here."""
        found = [entry for entry in self._state.log.values() if matches(entry, query)]
        return sorted(found, key=lambda entry: entry.id, reverse=True)[: query.limit]

    async def count(self, query: LogQuery) -> int:
        """How many match."""
        return sum(matches(entry, query) for entry in self._state.log.values())

    async def unerased(self, before: datetime, *, after: str, limit: int) -> list[Entry]:
        """Entries whose words are still there."""
        log = self._state.log.values()
        found = [each for each in log if each.at < before and each.id > after and each.erased_at is None]
        return sorted(found, key=lambda entry: entry.id)[:limit]

    async def erase(self, entry_ids: Collection[str], at: datetime) -> int:
        """Erase the words of entries."""
        log = self._state.log
        wanted = [each for each in entry_ids if each in log and log[each].erased_at is None]
        log.update({each: erased(log[each], at) for each in wanted})
        return len(wanted)
