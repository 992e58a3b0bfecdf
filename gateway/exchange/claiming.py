"""Which of the messages that are due a worker may take: so many for each partner, and so many bytes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.exchange.delivery import DeliveryState, Room
from gateway.exchange.records import DeliveryRecord


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a process finds when it starts; nothing is changed by looking."""

    queued: int
    """Wait for their first or next attempt."""
    waiting: int
    """Are in the mailboxes of partners that only call out."""
    leased: int
    """Are on their way, as far as is known: somebody has them, or had them when it died."""
    leases_until: datetime | None
    """When the last of those leases ends, unless its owner lives and extends it."""
    lease_ended: int
    """Were on their way when their worker died, and are sent again, the same bytes, by the next one."""


class Claimed(list[DeliveryRecord]):
    """What a worker has taken, each with its `size`."""

    held: frozenset[str]
    """
    Partners whose next message is too large for the bytes that are free.

    It goes when one that is on its way has ended, and none of the same partner overtakes it: otherwise small
    messages could keep a large one waiting for ever.
    """

    def __init__(self, records: Iterable[DeliveryRecord], held: Iterable[str]) -> None:
        """Records in the order in which they were due."""
        super().__init__(records)
        self.held = frozenset(held)


@dataclass(frozen=True, slots=True)
class Backlog:
    """Deliveries of one partner in one state that are not over: they wait, are on their way, or are dead."""

    partner: str
    state: DeliveryState
    count: int
    oldest: datetime
    """When the first of them was queued, or queued again by an operator."""


class Picking:
    """Goes through what is due, in order."""

    def __init__(self, room: Room) -> None:
        """Nothing is taken yet."""
        self._room = room
        self._count: Counter[str] = Counter()
        self._bytes = dict(room.under_way)
        self.held: set[str] = set()

    def takes(self, partner: str, size: int) -> bool:
        """
        Whether one more message goes to a partner; it counts for those after it.

        When nothing else is on its way to the partner it goes, however large it is.
        """
        if partner in self.held or self._count[partner] >= self._room.of(partner):
            return False
        under_way = self._bytes.get(partner)
        if under_way is not None and under_way + size > self._room.bytes_of(partner):
            self.held.add(partner)
            return False
        self._count[partner] += 1
        self._bytes[partner] = (under_way or 0) + size
        return True
