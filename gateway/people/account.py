"""An account with its secrets: what the tables keep, and no page ever shows."""

from dataclasses import dataclass, field
from datetime import datetime

from gateway.people.person import Person

AT_THE_MACHINE = "shell"
"""Who let somebody in with a command, while two persons must agree to a change of trust."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person, and what proves that it is them."""

    person: Person
    password_hash: str = field(repr=False)
    """Of argon2id, with its parameters."""
    password_at: datetime
    """When the password was set."""
    initial_until: datetime | None = None
    """Until when a password that somebody else set is good for a first sign-in; None: it is their own."""
    secret: bytes = field(default=b"", repr=False)
    """Of the second factor; empty: none yet."""
    enrolled_at: datetime | None = None
    """When they proved that they have the second factor; until then it is only offered."""
    step: int = 0
    """The time step of the last code: none of it or before is good again."""
    vouched_by: str = ""
    """Id of who let them in, or gave them a new password or second factor; `shell`; empty: nobody else."""

    @property
    def enrolled(self) -> bool:
        """Whether there is a second factor to ask for."""
        return bool(self.secret) and self.enrolled_at is not None

    @property
    def open(self) -> bool:
        """Whether they may sign in at all."""
        return self.person.disabled_at is None
