"""Makes the coming months of the message log, long before they begin."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from gateway.errors import GatewayError
from gateway.flows.ports import Clock

logger = structlog.get_logger(__name__)

PAUSE_SECONDS = 24 * 3600.0
"""A month has at least 28 days, and is made twelve months before it begins."""

AGAIN_SECONDS = 600.0
"""After a failure: somebody read the log at that moment, or the database was away."""


class MonthMaker:
    """One process of several may do it; the others find nothing to do."""

    def __init__(self, clock: Clock, make: Callable[[datetime], Awaitable[list[str]]]) -> None:
        """`make` makes what is missing from a moment on, and raises a `GatewayError`."""
        self._clock = clock
        self._make = make

    async def run(self) -> None:
        """Look until cancelled; a failure costs nothing: there is a place for entries without a month."""
        while True:
            seconds = await self.look()
            await asyncio.sleep(seconds)

    async def look(self) -> float:
        """One round; seconds until the next one."""
        try:
            made = await self._make(self._clock.now())
        except GatewayError as error:
            logger.warning("months_not_made", code=error.code, error=error.message, advice=error.advice)
            return AGAIN_SECONDS
        except Exception:
            logger.exception("months_not_made")
            return AGAIN_SECONDS
        if made:
            logger.info("months_made", names=made)
        return PAUSE_SECONDS
