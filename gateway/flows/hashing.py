"""Passwords are hashed beside the event loop, a few at a time: each takes long and much memory on purpose."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from gateway.errors import GatewayBusy
from gateway.people.passwords import PasswordSettings, fits, hashed, nobodys, outdated

T = TypeVar("T")

MOST_WAITING = 20
"""Who would wait longer than a few seconds is told so at once: strangers make us hash."""


class Hashing:
    """Hashes and compares passwords in threads."""

    def __init__(self, settings: PasswordSettings | None = None) -> None:
        """As configured; in no thread yet."""
        self.settings = settings or PasswordSettings()
        self._places = asyncio.Semaphore(self.settings.at_once)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The hash of a new password; raises `GatewayBusy`."""
        return await self._beside(lambda: hashed(password, self.settings))

    async def fits(self, kept: str | None, password: str) -> bool:
        """
        Whether a password is the one whose hash is kept.

        None: there is no such account, which takes as long and is never right. Raises `GatewayBusy`.
        """
        return await self._beside(
            lambda: fits(kept or nobodys(self.settings), password, self.settings) and kept is not None
        )

    def outdated(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than are wanted now."""
        return outdated(kept, self.settings)

    async def _beside(self, work: Callable[[], T]) -> T:
        """In a thread, when one of the places is free."""
        if self._waiting >= MOST_WAITING:
            raise GatewayBusy("too many people sign in at this moment", advice="try again in a few seconds")
        self._waiting += 1
        try:
            async with self._places:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1
