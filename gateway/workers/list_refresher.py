"""Fetches a revocation list again and again, before the one that is here becomes too old."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from gateway.errors import GatewayError
from gateway.exchange.retry import RetryPolicy
from gateway.flows.ports import Clock

logger = structlog.get_logger(__name__)

SHORTEST_SECONDS = 300.0
LONGEST_SECONDS = 24 * 3600.0
"""A list is fetched when half of its time is over, but not more often or more seldom than this."""

AFTER_FAILURE = RetryPolicy(first_pause_seconds=30.0, factor=2.0, longest_pause_seconds=3600.0)


class ListRefresher:
    """One distribution point."""

    def __init__(self, url: str, clock: Clock, refresh: Callable[[], Awaitable[datetime]]) -> None:
        """`refresh` fetches the list, says when the next one is promised, or raises a `GatewayError`."""
        self._url = url
        self._clock = clock
        self._refresh = refresh
        self._failures = 0

    async def run(self) -> None:
        """Fetch until cancelled; whatever happens in one round never ends the worker."""
        while True:
            try:
                pause = await self.look()
            except Exception:
                logger.exception("list_refresher_failed", url=self._url)
                pause = LONGEST_SECONDS
            await asyncio.sleep(pause)

    async def look(self) -> float:
        """One round; seconds until the next one."""
        try:
            until = await self._refresh()
        except GatewayError as error:
            self._failures += 1
            logger.error(
                "list_not_refreshed", url=self._url, code=error.code, error=error.message, advice=error.advice
            )
            return AFTER_FAILURE.pause(self._failures, 0.0).total_seconds()
        self._failures = 0
        half = (until - self._clock.now()).total_seconds() / 2
        return min(max(half, SHORTEST_SECONDS), LONGEST_SECONDS)
