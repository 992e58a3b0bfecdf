"""Callers that wait for their mailbox, or for an event: who waits, and who is woken."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from gateway.errors import TooManyCallers

MAX_CALLERS = 4
"""Callers of one partner that may wait at the same time, in each process; one is enough to be quick."""

SAME_LOOK = timedelta(hours=1)
"""A look that shows the same as the one before is logged once in this time: somebody looks twice a minute."""


class MailboxBells:
    """
    A bell for each waiting caller; it lives in one process and remembers nothing for ever.

    A caller is a partner, by its id, or an authority hosted here, whose id has a colon and is that of no
    partner.
    """

    def __init__(self) -> None:
        """Nobody waits."""
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._closed = False
        self._looks: dict[str, tuple[str, datetime]] = {}

    @property
    def closed(self) -> bool:
        """True when the gateway stops: nobody waits any more."""
        return self._closed

    def count(self, partner: str) -> int:
        """How many callers of a partner wait."""
        return len(self._waiting[partner]) if partner in self._waiting else 0

    @contextlib.contextmanager
    def place(self, partner: str) -> Iterator[asyncio.Event]:
        """
        A place to wait for the time of the block; the event is set when the bell of the partner rings.

        Raises `TooManyCallers`.
        """
        if self.count(partner) >= MAX_CALLERS:
            raise TooManyCallers(
                f"{MAX_CALLERS} callers of {partner} wait already",
                advice="let one caller wait at a time, and ask without wait meanwhile",
            )
        rung = asyncio.Event()
        if self._closed:
            rung.set()
        self._waiting[partner].add(rung)
        try:
            yield rung
        finally:
            self._waiting[partner].discard(rung)
            if not self._waiting[partner]:
                del self._waiting[partner]

    def ring(self, partner: str = "") -> None:
        """Something was put into the mailbox of a partner; without a name perhaps into any."""
        for name in [partner] if partner else list(self._waiting):
            for rung in self._waiting.get(name, ()):
                rung.set()

    def close(self) -> None:
        """The gateway stops: everybody who waits is answered at once, and nobody waits any more."""
        self._closed = True
        self.ring()

    def worth_noting(self, partner: str, shown: str, at: datetime) -> bool:
        """True for the first look of a partner that shows this, and once in a while for the same again."""
        before = self._looks.get(partner)
        if before is not None and before[0] == shown and at - before[1] < SAME_LOOK:
            return False
        self._looks[partner] = (shown, at)
        return True
