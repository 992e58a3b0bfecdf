"""
The list in which an issuer says which of its permits must not be used any more, and how long the list counts.

A permit stands in it as the SHA-256 of issuer and number, so that the list names no number to whoever finds
it. A number that can be guessed can be looked up all the same.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from gateway.errors import MalformedRequest
from gateway.permits.identity import PermitRef
from gateway.permits.lifecycle import history
from gateway.permits.notices import PermitStatus, StatusChange
from gateway.wording import Words, say

KIND = "cites-status-list+jwt"
"""The `typ` of a signed list."""

LONGEST_LIFE = timedelta(days=31)
"""A list that counts for longer would hide what was cancelled since."""
SKEW = timedelta(minutes=5)
"""A list from so far in the future still counts: its issuer's clock is a little fast."""

_CLAIMS = frozenset({"iss", "iat", "exp", "permits"})
_KEY_CHARACTERS = 43
_PAIR = 2


STATUS_WORDS: Mapping[PermitStatus, Words] = MappingProxyType(
    {
        PermitStatus.CANCELLED: say("cancelled"),
        PermitStatus.LOST: say("reported lost"),
        PermitStatus.STOLEN: say("reported stolen"),
        PermitStatus.SUSPENDED: say("suspended"),
        PermitStatus.REPLACED: say("replaced by another permit"),
        PermitStatus.RETURNED_UNUSED: say("returned unused"),
        PermitStatus.REFUSED_AT_BORDER: say("refused at a border"),
    }
)
"""Why a permit must not be used although its dates allow it, for people; a list has these statuses only."""

BARRING = tuple(STATUS_WORDS)
"""The statuses that bar a permit."""


def is_final(status: PermitStatus) -> bool:
    """True for a status that never ends in one that may be used: a list that is too old still proves it."""
    return status is not PermitStatus.SUSPENDED


class Age(StrEnum):
    """Whether a list counts at a moment."""

    FRESH = "fresh"
    TOO_OLD = "too-old"
    NOT_YET = "not-yet"
    """From the future: a clock is wrong."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list says about one permit."""

    status: PermitStatus
    since: datetime
    """In UTC."""


@dataclass(frozen=True, slots=True)
class StatusList:
    """One list of one issuer."""

    issuer: str
    """ISO 3166-1 alpha-2."""
    made_at: datetime
    counts_until: datetime
    listed: Mapping[str, Listed]
    """By `key_of`; a permit that is not here is not barred."""

    def __post_init__(self) -> None:
        """Refuse a list that ends before it begins, or counts for longer than `LONGEST_LIFE`."""
        if not self.made_at < self.counts_until <= self.made_at + LONGEST_LIFE:
            raise MalformedRequest(
                f"a status list must count for more than nothing and at most {LONGEST_LIFE.days} days",
                advice="make a new list more often",
            )

    def find(self, ref: PermitRef) -> Listed | None:
        """What the list says about a permit; None when nothing bars it."""
        return self.listed.get(key_of(ref))

    def age(self, at: datetime) -> Age:
        """Whether the list counts at the moment `at`; its last second counts."""
        if self.made_at > at + SKEW:
            return Age.NOT_YET
        return Age.FRESH if at <= self.counts_until else Age.TOO_OLD


def barred_by(changes: Iterable[StatusChange], importers: Mapping[PermitRef, str]) -> dict[str, Listed]:
    """
    The permits that the changes of one issuer's permits leave barred, by `key_of`.

    `importers` are the importing Parties of permits that are known: of the others only the issuer's own
    word counts.
    """
    by_permit: dict[PermitRef, list[StatusChange]] = {}
    for change in changes:
        by_permit.setdefault(change.permit, []).append(change)
    found = {}
    for ref, said in by_permit.items():
        counted = history(said, ref.issuer, importers.get(ref, ""))
        if counted and counted[-1].status in BARRING:
            found[key_of(ref)] = Listed(counted[-1].status, counted[-1].at.replace(microsecond=0))
    return found


def key_of(ref: PermitRef) -> str:
    """How a permit stands in a list: SHA-256 in base64url of issuer, line feed and number, which has none."""
    digest = hashlib.sha256(f"{ref.issuer}\n{ref.number}".encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def to_claims(statuses: StatusList) -> dict[str, Any]:
    """The claims, JSON-ready: names of RFC 7519, times in seconds since 1970, permits by their keys."""
    return {
        "iss": statuses.issuer,
        "iat": int(statuses.made_at.timestamp()),
        "exp": int(statuses.counts_until.timestamp()),
        "permits": {
            key: [each.status.value, int(each.since.timestamp())]
            for key, each in sorted(statuses.listed.items())
        },
    }


def from_claims(claims: Mapping[str, Any]) -> StatusList:
    """
    The list that claims make.

    Raises `MalformedRequest` for claims that are not ours, or a status that nobody here knows: a bar that is
    not understood must not be overlooked.
    """
    if set(claims) != _CLAIMS or not isinstance(claims["iss"], str):
        raise _strange()
    permits = claims["permits"]
    if not isinstance(permits, dict) or not all(len(key) == _KEY_CHARACTERS for key in permits):
        raise _strange()
    return StatusList(
        claims["iss"],
        _moment(claims["iat"]),
        _moment(claims["exp"]),
        MappingProxyType({key: _listed(value) for key, value in permits.items()}),
    )


def _listed(value: Any) -> Listed:
    """One status with its moment."""
    if not isinstance(value, list) or len(value) != _PAIR or value[0] not in BARRING:
        raise _strange()
    return Listed(PermitStatus(value[0]), _moment(value[1]))


def _moment(value: Any) -> datetime:
    """A moment in seconds since 1970."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise _strange()
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise _strange() from None


def _strange() -> MalformedRequest:
    """The error for claims that are not ours."""
    return MalformedRequest(
        say("the status list has a part that is not as it should be"),
        advice=say("it may come from a newer program: ask its issuer, or bring this one up to date"),
    )
