"""The port `Messages` in memory."""

from dataclasses import replace

from gateway.errors import StorageError
from gateway.exchange.records import Direction, MessageRecord
from gateway.permits.identity import AuthorityId
from support.memory.state import State, key_of


class MemoryMessages:
    """Fulfils the port `Messages`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def add(self, record: MessageRecord) -> bool:
        """Keep an envelope unless it is there."""
        key = key_of(record)
        if key in self._state.messages:
            return False
        self._state.messages[key] = record
        return True

    async def change_outcome(self, record: MessageRecord) -> None:
        """Write the outcome and the findings of a message that is kept."""
        known = self._state.messages[key_of(record)]
        self._state.messages[key_of(record)] = replace(
            known, outcome=record.outcome, findings=record.findings
        )

    async def find(self, direction: Direction, sender: AuthorityId, message_id: str) -> MessageRecord | None:
        """The message with that sender and id."""
        return self._state.messages.get((direction, sender, message_id))

    async def keep_receipt(self, record: MessageRecord, receipt: bytes) -> bytes:
        """Keep a receipt unless there is one."""
        known = self._state.messages.get(key_of(record))
        if known is None:
            raise StorageError("a receipt for a message that is not kept")
        if known.receipt is None:
            self._state.messages[key_of(record)] = replace(known, receipt=receipt)
            return receipt
        return known.receipt
