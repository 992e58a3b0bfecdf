"""A visit to the console, from sign-in to sign-out."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.people.account import Account

MIN_IDLE, MAX_IDLE = 1, 30
"""Minutes."""
HALF_WAY = timedelta(minutes=10)
"""So long there is time for a second factor, or to set one up, after the password."""
SEEN_EVERY = timedelta(minutes=1)
"""How often it is written down that somebody is still there."""


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """How long a visit lasts."""

    idle_minutes: int = 20
    """Without a look at any page."""
    hours: int = 12
    """Whatever happens."""
    most: int = 5
    """At the same time for one person; the one that was used least recently ends for a new one."""

    def __post_init__(self) -> None:
        """Refuse sessions that never end, or end at once."""
        if not MIN_IDLE <= self.idle_minutes <= MAX_IDLE:
            raise ValueError(f"idle_minutes must be from {MIN_IDLE} to {MAX_IDLE}, not {self.idle_minutes}")
        for key in ("hours", "most"):
            if getattr(self, key) < 1:
                raise ValueError(f"{key} must be 1 or more, not {getattr(self, key)}")


class Stage(StrEnum):
    """How far somebody has come."""

    PASSWORD = "password"  # noqa: S105 - a word
    """The password was right, and nothing else is proven."""
    FACTOR = "factor"
    """So was the second factor."""


@dataclass(frozen=True, slots=True)
class Session:
    """One visit; what the cookie holds is not in it."""

    id: str
    token_hash: str
    person_id: str
    stage: Stage
    created_at: datetime
    """A session that takes over from one half-way begins anew."""
    seen_at: datetime
    address: str = ""
    agent: str = ""
    """What the browser calls itself."""

    def lives(self, at: datetime, settings: SessionSettings) -> bool:
        """Whether it has not ended by itself."""
        if self.stage is Stage.PASSWORD:
            return at - self.created_at < HALF_WAY
        idle, longest = timedelta(minutes=settings.idle_minutes), timedelta(hours=settings.hours)
        return at - self.seen_at < idle and at - self.created_at < longest


class Next(StrEnum):
    """What somebody has to do before they are in."""

    SECOND_FACTOR = "second-factor"
    ENROL = "enrol"
    """Set a second factor up: nobody comes in without one."""
    PASSWORD = "password"  # noqa: S105 - a word
    """Choose a password of their own."""
    NOTHING = "nothing"


def next_for(account: Account, stage: Stage) -> Next:
    """What is still to come."""
    if stage is Stage.PASSWORD:
        return Next.SECOND_FACTOR if account.enrolled else Next.ENROL
    return Next.PASSWORD if account.initial_until is not None else Next.NOTHING


def new_session_token() -> str:
    """256 random bits for the cookie."""
    return secrets.token_urlsafe(32)


def session_hash(token: str) -> str:
    """What is kept of it: SHA-256 in hex; what is random needs no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
