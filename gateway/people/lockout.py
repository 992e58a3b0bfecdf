"""How long somebody waits who has given wrong passwords or codes."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.people.person import name_key

FORGOTTEN_AFTER = timedelta(hours=24)
"""So long after the last failure nothing of it counts any more."""


@dataclass(frozen=True, slots=True)
class LockoutSettings:
    """
    How many failures are free, and how the waits grow.

    An account waits at most `longest_minutes`: somebody who does not know the password can hinder its owner,
    but not for good.
    """

    failures: int = 5
    """In a row, for one account."""
    address_failures: int = 20
    """For one address, whatever names it gives: behind one may sit a whole office."""
    first_seconds: int = 30
    """The wait after the last free failure; it doubles with each one more."""
    longest_minutes: int = 15

    def __post_init__(self) -> None:
        """Refuse what locks everybody out, or nobody."""
        for key in ("failures", "address_failures", "first_seconds", "longest_minutes"):
            if getattr(self, key) < 1:
                raise ValueError(f"{key} must be 1 or more, not {getattr(self, key)}")


@dataclass(frozen=True, slots=True)
class Failures:
    """Of one account or one address, in a row."""

    count: int = 0
    last_at: datetime | None = None

    def wait_until(self, free: int, settings: LockoutSettings) -> datetime | None:
        """Until when nothing is looked at; None when that is not so. `free` failures cost nothing."""
        if self.last_at is None or self.count < free:
            return None
        longest = settings.longest_minutes * 60
        doubled = min(self.count - free, 20)  # 2**20 first waits are more than any longest one
        return self.last_at + timedelta(seconds=min(settings.first_seconds * 2**doubled, longest))

    def one_more(self, at: datetime) -> "Failures":
        """Another one."""
        old = self.last_at is not None and at - self.last_at > FORGOTTEN_AFTER
        return Failures(1 if old else self.count + 1, at)


def account_subject(name: str) -> str:
    """Under what the failures of a name are kept: hashed, for some type their password there."""
    return "name " + hashlib.sha256(name_key(name).encode("utf-8", "surrogateescape")).hexdigest()


def code_subject(person_id: str) -> str:
    """Under what wrong codes are kept: apart from passwords, so that a right one forgives no wrong code."""
    return f"code {person_id}"


def address_subject(network: str) -> str:
    """Under what the failures of an address are kept."""
    return f"address {network}"
