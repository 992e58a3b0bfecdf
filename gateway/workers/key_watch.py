"""Looks after the keys while the gateway runs: takes in changes, and warns of certificates that end."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path

import structlog
from cryptography import x509

from gateway.errors import GatewayError
from gateway.flows.ports import Clock
from gateway.permits.findings import Severity
from gateway.signatures.expiry import expiry_warnings

logger = structlog.get_logger(__name__)

POLL_SECONDS = 5.0
"""How often the file of the keys is looked at; a change that is to count at a moment is made before it."""


class KeyWatch:
    """Reads the keys again when their file has changed, and warns once a day."""

    def __init__(
        self,
        clock: Clock,
        file: Path,
        reload: Callable[[datetime], None],
        certificates: Callable[[], Iterable[tuple[str, x509.Certificate]]],
    ) -> None:
        """
        `reload` puts the keys of `file` in use, or raises a `GatewayError` and changes nothing.

        `certificates` gives those that are in use, with the names under which people know them.
        """
        self._clock = clock
        self._file = file
        self._reload = reload
        self._certificates = certificates
        self._seen = self._stamp()
        self._complaint = ""
        self._warned: date | None = None

    async def run(self) -> None:
        """Look until cancelled; whatever happens in one round never ends the watch."""
        while True:
            try:
                await self.look()
            except Exception:
                logger.exception("key_watch_failed")
            await asyncio.sleep(POLL_SECONDS)

    async def look(self) -> None:
        """One round."""
        at = self._clock.now()
        stamp = self._stamp()
        if stamp != self._seen:
            await self._take_in(stamp, at)
        if self._warned != at.date():
            self._warned = at.date()
            self._warn(at)

    async def _take_in(self, stamp: tuple[int, ...], at: datetime) -> None:
        """Put the changed keys in use; while they are broken, those in use stay, and it is tried again."""
        try:
            await asyncio.to_thread(self._reload, at)
        except GatewayError as error:
            if error.message != self._complaint:
                logger.error("keys_not_reloaded", code=error.code, error=error.message, advice=error.advice)
            self._complaint = error.message
            return
        self._seen = stamp
        self._complaint = ""
        logger.info("keys_reloaded", file=str(self._file))

    def _warn(self, at: datetime) -> None:
        """One line in the log for each certificate that ends soon."""
        for finding in expiry_warnings(self._certificates(), at):
            tell = logger.error if finding.severity is Severity.ERROR else logger.warning
            tell("certificate_ends", rule=finding.rule, text=finding.message)

    def _stamp(self) -> tuple[int, ...]:
        """What changes whenever the file is replaced; empty when there is none."""
        try:
            status = self._file.stat()
        except OSError:
            return ()
        return status.st_mtime_ns, status.st_size, status.st_ino
