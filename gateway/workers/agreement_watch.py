"""Looks whether two persons have agreed to a change of trust, in whatever process they did."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from gateway.errors import GatewayError

logger = structlog.get_logger(__name__)

POLL_SECONDS = 2.0
"""As often as files are looked at."""


class AgreementWatch:
    """Asks again and again; whatever goes wrong, what counts goes on counting."""

    def __init__(self, look: Callable[[], Awaitable[None]]) -> None:
        """`look` takes in what was agreed, or raises a `GatewayError` and changes nothing."""
        self._look = look
        self._complaint = ""

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self._look()
                self._complaint = ""
            except GatewayError as error:
                if error.message != self._complaint:
                    logger.error("agreement_not_proven", code=error.code, error=error.message)
                self._complaint = error.message
            except Exception:
                logger.exception("watch_failed", what="agreements")
