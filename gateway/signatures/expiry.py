"""Telling in time that a certificate ends."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from cryptography import x509

from gateway.permits.findings import Area, Finding, Severity
from gateway.wording import say

STAGES = (1, 7, 30, 60)
"""Days before the end at which a warning becomes more urgent; the first is the last chance."""

_RULE = "keys.expires-in-{days}"
"""The id of the finding says the stage, so that a rule of an alarm system can be as urgent as it is."""


def days_left(certificate: x509.Certificate, at: datetime) -> int:
    """Whole days until a certificate ends; negative when it has ended."""
    return (certificate.not_valid_after_utc - at) // timedelta(days=1)


def expiry_warnings(
    certificates: Iterable[tuple[str, x509.Certificate]], at: datetime
) -> tuple[Finding, ...]:
    """
    One finding for each certificate that has ended or ends within 60 days.

    `certificates` come with the name under which people know them. A certificate that has ended, or ends
    within a day, is an error; the others are warnings.
    """
    found: list[Finding] = []
    for name, certificate in certificates:
        ends = certificate.not_valid_after_utc
        if at > ends:
            text = say(
                "the certificate {name} ended on {ends} UTC: put a new one in its place",
                name=name,
                ends=f"{ends:%Y-%m-%d %H:%M}",
            )
            found.append(Finding("keys.expired", Severity.ERROR, Area.SIGNATURE, text))
            continue
        stage = next((days for days in STAGES if ends - at <= timedelta(days=days)), None)
        if stage is None:
            continue
        text = say(
            "the certificate {name} ends on {ends} UTC, in {days} days: make the next one and give it to the "
            "partners now",
            name=name,
            ends=f"{ends:%Y-%m-%d %H:%M}",
            days=days_left(certificate, at),
        )
        severity = Severity.ERROR if stage == STAGES[0] else Severity.WARNING
        found.append(Finding(_RULE.format(days=stage), severity, Area.SIGNATURE, text))
    return tuple(found)
