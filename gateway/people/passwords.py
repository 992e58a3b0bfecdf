"""
What a password must be, and how it is kept.

NIST SP 800-63B, 3.1.1.2: length counts, and that it is not one of those that are tried first; no rules about
kinds of characters, and no change without a reason. It is kept with argon2id (RFC 9106).
"""

import unicodedata
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.wording import Words, say

LEAST_LENGTH = 8
"""Beside a second factor, SP 800-63B lets nobody ask for less."""
LONGEST = 128
"""Characters; SP 800-63B asks for 64 at least, and a megabyte would only cost time."""
FEWEST_DIFFERENT = 5
"""Different characters; fewer is a repetition."""
SERVICE = ("ecites", "cites", "gateway")
"""What stands above the form is what is tried first."""
_LISTED = """
password passwort passphrase motdepasse contraseña contrasena contrasenya letmein welcome bienvenue
bienvenido administrator administrateur administrador qwertyuiop qwertzuiop azertyuiop asdfghjkl
qwerty azerty iloveyou jetaime teamo superman princess monkey dragon football baseball sunshine
whatever trustno starwars pokemon computer internet default changeme secret master login guest admin
root user test hello freedom shadow michael jordan liverpool chelsea arsenal abcdefgh abcdefghijkl
qazwsxedc zaqxswcde qweasdzxc correcthorsebatterystaple
"""
COMMON = frozenset(_LISTED.split())
"""Words that stand first in every list of stolen passwords; digits and signs around one do not help."""
_ROWS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True)
class PasswordSettings:
    """How long a password must be, and what it costs to try one."""

    min_length: int = 12
    """Characters."""
    memory_kib: int = 65_536
    """RFC 9106, 4: the second recommended option, 64 MiB, ..."""
    passes: int = 3
    """... three passes, ..."""
    lanes: int = 4
    """... four lanes."""
    at_once: int = 2
    """Passwords that are hashed at the same time; each takes `memory_kib`."""
    initial_days: int = 7
    """So long the first password, which somebody else has seen, is good for a first sign-in."""

    def __post_init__(self) -> None:
        """Refuse what protects nobody."""
        if not LEAST_LENGTH <= self.min_length <= LONGEST:
            raise ValueError(f"min_length must be from {LEAST_LENGTH} to {LONGEST}, not {self.min_length}")
        for key in ("passes", "lanes", "at_once", "initial_days"):
            if getattr(self, key) < 1:
                raise ValueError(f"{key} must be 1 or more, not {getattr(self, key)}")
        if self.memory_kib < 8 * self.lanes:  # RFC 9106, 3.1
            raise ValueError(f"memory_kib must be {8 * self.lanes} or more, not {self.memory_kib}")


def objection(password: str, name: str, settings: PasswordSettings) -> Words | None:
    """Why somebody called `name` cannot have this password; None when they can."""
    text = normal(password)
    if len(text) < settings.min_length:
        return say(
            "the password has {length} characters, and needs {least} or more: four or five words that have "
            "nothing to do with each other are easy to keep in mind",
            length=len(text),
            least=settings.min_length,
        )
    if len(text) > LONGEST:
        return say("the password has more than {most} characters", most=LONGEST)
    plain = text.casefold()
    if any(len(word) > 2 and word in plain for word in (normal(name).casefold(), *SERVICE)):  # noqa: PLR2004 - "Al" is in many words
        return say("the password holds the name of the account or of this service")
    letters = "".join(character for character in plain if character.isalpha())
    if letters in COMMON or len(set(plain)) < FEWEST_DIFFERENT or any(plain in row for row in _ROWS):
        return say("the password is one of those that are tried first")
    return None


def normal(password: str) -> str:
    """One form of what can be typed in several ways (SP 800-63B, 3.1.1.2: NFKC)."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str, settings: PasswordSettings) -> str:
    """The hash with its salt and its parameters; takes a tenth of a second and `memory_kib` on purpose."""
    return _hasher(settings).hash(normal(password))


def fits(kept: str, password: str, settings: PasswordSettings) -> bool:
    """Whether a password is the one whose hash is kept; costs as much either way."""
    try:
        return _hasher(settings).verify(kept, normal(password)[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str, settings: PasswordSettings) -> bool:
    """Whether a hash was made with other parameters than are wanted now."""
    return _hasher(settings).check_needs_rehash(kept)


@cache
def nobodys(settings: PasswordSettings) -> str:
    """A hash that no password fits: comparing with it costs an unknown name as much as a known one."""
    return hashed("", settings)


@cache
def _hasher(settings: PasswordSettings) -> PasswordHasher:
    """As configured."""
    return PasswordHasher(settings.passes, settings.memory_kib, settings.lanes)
