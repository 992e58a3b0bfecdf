"""What the configuration can say about people."""

from dataclasses import dataclass, field

from gateway.people.lockout import LockoutSettings
from gateway.people.passwords import PasswordSettings
from gateway.people.sessions import SessionSettings


@dataclass(frozen=True, slots=True)
class PeopleSettings:
    """Who comes in, and what they may not do alone."""

    two_persons: bool = False
    """Whether a change of whom this gateway believes waits until two administrators have agreed to it."""
    password: PasswordSettings = field(default_factory=PasswordSettings)
    lockout: LockoutSettings = field(default_factory=LockoutSettings)
    session: SessionSettings = field(default_factory=SessionSettings)
