"""Warns of certificates that end, and of revocation lists that are too old."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import date, datetime

import structlog
from cryptography import x509

from gateway.flows.ports import Clock
from gateway.permits.findings import Severity
from gateway.signatures.expiry import expiry_warnings
from gateway.signatures.revocation import RevocationResult

logger = structlog.get_logger(__name__)

POLL_SECONDS = 60.0
"""How often the date is looked at."""


class ExpiryWatch:
    """Looks once a day at every certificate that is in use."""

    def __init__(
        self,
        clock: Clock,
        certificates: Callable[[], Iterable[tuple[str, x509.Certificate]]],
        alarms: Callable[[datetime], Iterable[RevocationResult]] = lambda _: (),
    ) -> None:
        """
        `certificates` gives those that are in use, with the names under which people know them.

        `alarms` gives the revocation lists that are too old at a moment.
        """
        self._clock = clock
        self._certificates = certificates
        self._alarms = alarms
        self._told: set[str] = set()
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
        """One round: what ends soon once a day; a list that is too old at once, and once a day."""
        at = self._clock.now()
        new_day = self._warned != at.date()
        self._warned = at.date()
        if new_day:
            self._told.clear()
            for finding in expiry_warnings(self._certificates(), at):
                tell = logger.error if finding.severity is Severity.ERROR else logger.warning
                tell("certificate_ends", rule=finding.rule, text=finding.message)
        for alarm in self._alarms(at):
            if alarm.message not in self._told:
                self._told.add(alarm.message)
                tell = logger.warning if alarm.acceptable else logger.error
                tell("revocation_list_old", text=alarm.message)
