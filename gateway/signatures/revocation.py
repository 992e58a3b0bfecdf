"""
Revocation lists (RFC 5280, section 5): which certificates their issuers took back.

The lists are files that the operator supplies, or that `flows/refresh_lists.py` fetched from a distribution
point on the operator's list; nothing here opens a connection.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509

from gateway.signatures.keys import load_certificates, subject_of
from gateway.signatures.revocation_list import RevocationList, bytes_of, issued_by, read_lists
from gateway.wording import Words, say

_SKEW = timedelta(minutes=5)
"""A list from so far in the future still counts: its issuer's clock is a little fast."""


@dataclass(frozen=True, slots=True)
class RevocationSettings:
    """Which lists are consulted."""

    lists: tuple[Path, ...] = ()
    """Files of revocation lists, PEM or DER."""
    issuers: tuple[Path, ...] = ()
    """Certificates of the certification authorities that sign them: files, or folders."""
    distribution_points: tuple[str, ...] = ()
    """Addresses from which lists are fetched, and no others: what a certificate names is never followed."""
    grace_hours: float = 24.0
    """How long after its next update a list still counts; there is a warning all the while."""

    def __post_init__(self) -> None:
        """Refuse a grace that is none."""
        if not 0 <= self.grace_hours <= 24 * 31:
            raise ValueError(f"grace_hours must be from 0 to 744, not {self.grace_hours:g}")
        for url in self.distribution_points:
            if not url.startswith(("http://", "https://")):
                raise ValueError(f"distribution_points must be http(s) addresses, not {url!r}")


class RevocationState(StrEnum):
    """What the lists say about one certificate."""

    GOOD = "good"
    """Its issuer's list is fresh enough and does not name it."""
    REVOKED = "revoked"
    """It was taken back at the moment asked about, or before."""
    UNKNOWN = "unknown"
    """There is no list of its issuer here, and none is expected."""
    MISSING = "missing"
    """The operator named its issuer, whose list is not here (yet)."""
    TOO_OLD = "too-old"
    """The next update of the list is past."""
    NOT_YET = "not-yet"
    """The list is from the future: a clock is wrong."""


@dataclass(frozen=True, slots=True)
class RevocationResult:
    """The answer about one certificate at one moment."""

    state: RevocationState
    message: Words
    """What was found and what to do."""
    acceptable: bool
    """False when a signature must not pass: REVOKED, MISSING, NOT_YET, and TOO_OLD beyond the grace."""
    since: datetime | None = None
    """When it was taken back, also when that was after the moment asked about."""
    reason: str = ""
    """Why, in the words of RFC 5280, 5.3.1; `unspecified` when the list does not say."""
    next_update: datetime | None = None
    """Until when the list that was asked says that it is fresh."""


@dataclass(frozen=True, slots=True)
class Revocations:
    """The lists that are consulted, and how long they count."""

    lists: tuple[RevocationList, ...] = ()
    grace: timedelta = timedelta(hours=24)
    expected: tuple[x509.Certificate, ...] = ()
    """Issuers of whom the operator wants a list: without one their certificates are not accepted."""

    @classmethod
    def load(
        cls,
        settings: RevocationSettings,
        known: Sequence[x509.Certificate] = (),
        fetched: Sequence[Path] = (),
    ) -> "Revocations":
        """
        Read every configured list, and those that were `fetched`.

        `known` are further certificates that may have signed one.

        Raises `KeyMaterialError` for a list that cannot be read, is signed by nobody whose certificate is
        registered, or is of a kind that does not answer for whole certificates.
        """
        expected = tuple(c for place in settings.issuers for c in load_certificates(place))
        issuers = [*expected, *known]
        lists: list[RevocationList] = []
        for path in (*settings.lists, *fetched):
            lists += read_lists(bytes_of(path), str(path), issuers)
        return cls(tuple(lists), timedelta(hours=settings.grace_hours), expected)

    @property
    def consulted(self) -> bool:
        """True when there is anything to ask."""
        return bool(self.lists or self.expected)

    def status(self, certificate: x509.Certificate, at: datetime, *, now: datetime) -> RevocationResult:
        """
        What the lists say about a certificate.

        `at` is the moment that counts for the signature, `now` the present, by which the age of a list is
        judged: a permit that was received last year is asked about with the list of today.

        1. The newest list that covers the certificate; none is UNKNOWN, or MISSING when one is expected.
        2. A list from the future says nothing.
        3. Taken back at `at` or before: REVOKED, however old the list is.
        4. A list whose next update is past is TOO_OLD, which is acceptable within the grace only.
        5. GOOD.
        """
        subject = subject_of(certificate)
        # 1
        covering = [each for each in self.lists if each.covers(certificate)]
        if not covering and any(issued_by(certificate, issuer) for issuer in self.expected):
            return RevocationResult(
                RevocationState.MISSING,
                say(
                    "the revocation list of the issuer of {subject} is not here: get it, or see why it "
                    "cannot be fetched",
                    subject=subject,
                ),
                acceptable=False,
            )
        if not covering:
            return RevocationResult(
                RevocationState.UNKNOWN,
                say("there is no revocation list here for the issuer of {subject}", subject=subject),
                acceptable=True,
            )
        newest = max(covering, key=lambda each: each.crl.last_update_utc)
        until = newest.next_update
        # 2
        if newest.crl.last_update_utc > now + _SKEW:
            return RevocationResult(
                RevocationState.NOT_YET,
                say(
                    "the revocation list {name} is from {made} UTC, which is in the future: check the "
                    "clock of this machine",
                    name=newest.name,
                    made=_minute(newest.crl.last_update_utc),
                ),
                acceptable=False,
                next_update=until,
            )
        # 3
        since, reason = _taken_back(newest.crl, certificate)
        if since is not None and since <= at:
            return RevocationResult(
                RevocationState.REVOKED,
                say(
                    "the certificate {subject} was revoked on {since} UTC ({reason}): get the new one from "
                    "its owner by another way",
                    subject=subject,
                    since=_minute(since),
                    reason=reason,
                ),
                acceptable=False,
                since=since,
                reason=reason,
                next_update=until,
            )
        # 4
        if now > until:
            within = now <= until + self.grace
            return RevocationResult(
                RevocationState.TOO_OLD,
                _too_old(newest, until + self.grace, within=within),
                acceptable=within,
                since=since,
                reason=reason,
                next_update=until,
            )
        # 5
        return RevocationResult(
            RevocationState.GOOD,
            say(
                "the certificate {subject} is not revoked, says the list of {made} UTC",
                subject=subject,
                made=_minute(newest.crl.last_update_utc),
            ),
            acceptable=True,
            since=since,
            reason=reason,
            next_update=until,
        )

    def alarms(self, now: datetime) -> tuple[RevocationResult, ...]:
        """The lists that are too old now, one result each: within the grace the time to act."""
        return tuple(
            RevocationResult(
                RevocationState.TOO_OLD,
                _too_old(each, each.next_update + self.grace, within=now <= each.next_update + self.grace),
                acceptable=now <= each.next_update + self.grace,
                next_update=each.next_update,
            )
            for each in self.lists
            if now > each.next_update
        )


NO_LISTS = Revocations()
"""Nobody supplied a list."""


def check_revocation(
    certificate: x509.Certificate, at: datetime, revocations: Revocations, *, now: datetime | None = None
) -> RevocationResult:
    """
    What the lists say about the certificate of a signature that holds.

    `at` is the moment that counts for the signature; `now` the present, when `at` is not it.
    """
    return revocations.status(certificate, at, now=at if now is None else now)


def _taken_back(
    crl: x509.CertificateRevocationList, certificate: x509.Certificate
) -> tuple[datetime | None, str]:
    """Since when a certificate is on a list, or became invalid if that is told (5.3.2), and why."""
    entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is None:
        return None, ""
    since, reason = entry.revocation_date_utc, "unspecified"
    for extension in entry.extensions:
        if isinstance(extension.value, x509.CRLReason):
            reason = extension.value.reason.value
        elif isinstance(extension.value, x509.InvalidityDate):
            since = min(since, extension.value.invalidity_date_utc)
    return since, reason


def _too_old(found: RevocationList, end: datetime, *, within: bool) -> Words:
    """The sentence about a list whose next update is past."""
    if within:
        return say(
            "the revocation list {name} should have been replaced on {until} UTC; it counts until {end} UTC: "
            "get the new one before",
            name=found.name,
            until=_minute(found.next_update),
            end=_minute(end),
        )
    return say(
        "the revocation list {name} should have been replaced on {until} UTC and does not count any more: "
        "get the new one",
        name=found.name,
        until=_minute(found.next_update),
    )


def _minute(moment: datetime) -> str:
    """A moment for people."""
    return f"{moment:%Y-%m-%d %H:%M}"
