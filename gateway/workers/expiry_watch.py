"""Warns of certificates that end."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import date

import structlog
from cryptography import x509

from gateway.flows.ports import Clock
from gateway.permits.findings import Severity
from gateway.signatures.expiry import expiry_warnings

logger = structlog.get_logger(__name__)

POLL_SECONDS = 60.0
"""How often the date is looked at."""


class ExpiryWatch:
    """Looks once a day at every certificate that is in use."""

    def __init__(
        self, clock: Clock, certificates: Callable[[], Iterable[tuple[str, x509.Certificate]]]
    ) -> None:
        """`certificates` gives those that are in use, with the names under which people know them."""
        self._clock = clock
        self._certificates = certificates
        self._warned: date | None = None

    async def run(self) -> None:
        """Look until cancelled; whatever happens in one round never ends the watch."""
        while True:
            try:
                self.look()
            except Exception:
                logger.exception("expiry_watch_failed")
            await asyncio.sleep(POLL_SECONDS)

    def look(self) -> None:
        """One round: one line in the running log for each certificate that ends soon, on a new day."""
        at = self._clock.now()
        if self._warned == at.date():
            return
        self._warned = at.date()
        for finding in expiry_warnings(self._certificates(), at):
            tell = logger.error if finding.severity is Severity.ERROR else logger.warning
            tell("certificate_ends", rule=finding.rule, text=finding.message)
