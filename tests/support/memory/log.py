"""The port `Log` in memory."""

from gateway.errors import StorageError
from gateway.messagelog.entry import Entry
from gateway.messagelog.query import LogQuery
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

    async def search(self, query: LogQuery) -> list[Entry]:
        """Matching entries, newest first."""
        found = [entry for entry in self._state.log.values() if _matches(entry, query)]
        return sorted(found, key=lambda entry: entry.id, reverse=True)[: query.limit]


def _matches(entry: Entry, query: LogQuery) -> bool:
    """True when every condition that is not empty holds."""
    names = ("number", "issuer", "partner", "authority", "kind", "outcome", "message_id", "correlation_id")
    return (
        all(not getattr(query, name) or getattr(entry, name) == getattr(query, name) for name in names)
        and (query.since is None or entry.at >= query.since)
        and (query.until is None or entry.at < query.until)
        and (not query.before or entry.id < query.before)
    )
