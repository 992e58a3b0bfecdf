"""How many searches in the message log one process runs at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.errors import GatewayBusy

AT_ONCE = 3
"""Of the ten connections of a process to its database; the other seven are for messages."""

PATIENCE_SECONDS = 2.0
"""So long a search waits for a place: others end soon, and a person does not wait much longer."""


class SearchPlaces:
    """The places of one process."""

    def __init__(self, at_once: int = AT_ONCE, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """All free."""
        self._free = asyncio.Semaphore(at_once)
        self._patience_seconds = patience_seconds

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place until the block is left; raises `GatewayBusy` when none becomes free."""
        try:
            async with asyncio.timeout(self._patience_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise GatewayBusy(
                "as many searches in the message log are running as may be at once",
                advice="search again in a few seconds",
            ) from None
        try:
            yield
        finally:
            self._free.release()
