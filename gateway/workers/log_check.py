"""Verifies the whole message log now and then, beside everything else, and remembers what came out."""

import asyncio
import contextlib

import structlog

from gateway import clock
from gateway.flows.ports import Node
from gateway.flows.verify_log import verify_log

logger = structlog.get_logger(__name__)

FIRST_AFTER_SECONDS = 600.0
"""After the start; a gateway that is started again and again does not read its whole log each time."""

_HOUR = 3600.0


class LogCheck:
    """What the last verification found; None for as long as there was none."""

    def __init__(self, node: Node, hours: float) -> None:
        """Nothing is read before it is due; with 0 hours it never is."""
        self._node = node
        self._hours = hours
        self._due = clock.monotonic() + min(FIRST_AFTER_SECONDS, hours * _HOUR)
        self._task: asyncio.Task[None] | None = None
        self.breaks: int | None = None

    def begin_when_due(self) -> None:
        """Begin to verify if it is time, and nobody is at it; returns at once."""
        busy = self._task is not None and not self._task.done()
        if self._hours and not busy and clock.monotonic() >= self._due:
            self._due = clock.monotonic() + self._hours * _HOUR
            self._task = asyncio.create_task(self._look())

    async def close(self) -> None:
        """End what is at work."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _look(self) -> None:
        """Verify once; one that fails leaves what was known before."""
        try:
            report = await verify_log(self._node)
        except Exception:
            logger.exception("log_not_verified")
            return
        self.breaks = len(report.breaks)
        tell = logger.info if report.holds else logger.error
        tell("log_verified", entries=report.size, breaks=[str(each.message) for each in report.breaks])
