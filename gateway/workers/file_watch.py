"""Takes in files that the operator changes while the gateway runs."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import structlog

from gateway.errors import GatewayError

logger = structlog.get_logger(__name__)

POLL_SECONDS = 2.0
"""How often files are looked at; a change that is to count at a moment is made before it."""

Stamp = tuple[tuple[str, int, int, int], ...]
"""Name, time of change, size and number of each file."""


class FileWatch:
    """Looks at files, and takes them in when they have changed."""

    def __init__(
        self, what: str, files: Callable[[], Iterable[Path]], take_in: Callable[[], Awaitable[None]]
    ) -> None:
        """
        `what` names the files in the running log, in the plural; `files` tells which they are now.

        `take_in` puts what they say in use, or raises a `GatewayError` and changes nothing. A folder stands
        for every file in it.
        """
        self._what = what
        self._files = files
        self._take_in = take_in
        self._seen = self._stamp()
        self._complaint = ""

    async def run(self) -> None:
        """Look until cancelled; whatever happens in one round never ends the watch."""
        while True:
            try:
                await self.look()
            except Exception:
                logger.exception("watch_failed", what=self._what)
            await asyncio.sleep(POLL_SECONDS)

    async def look(self) -> None:
        """One round: while the files are broken, what is in use stays, and it is tried again."""
        stamp = await asyncio.to_thread(self._stamp)
        if stamp == self._seen:
            return
        try:
            await self._take_in()
        except GatewayError as error:
            if error.message != self._complaint:
                logger.error(
                    "not_reloaded",
                    what=self._what,
                    code=error.code,
                    error=error.message,
                    advice=error.advice,
                )
            self._complaint = error.message
            return
        self._seen = stamp
        self._complaint = ""
        logger.info("reloaded", what=self._what)

    def _stamp(self) -> Stamp:
        """What changes whenever a file is replaced, comes or goes."""
        found = set()
        for place in self._files():
            try:
                files = list(place.iterdir()) if place.is_dir() else [place]
                for file in files:
                    status = file.stat()
                    found.add((str(file), status.st_mtime_ns, status.st_size, status.st_ino))
            except OSError:
                continue  # it has just gone, or is not there yet: that is a change too
        return tuple(sorted(found))
