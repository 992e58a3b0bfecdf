"""Who and which: the ids of authorities and of permits."""

import re
from dataclasses import dataclass
from enum import StrEnum

from gateway.errors import MalformedRequest

MAX_PERMIT_NUMBER = 35
"""Characters; toolkit 3.0, WCO page w41: ID an..35 (Box 1)."""

_AUTHORITY = re.compile(r"([A-Z]{2}):(MA|CUSTOMS|HUB)(?:-([A-Za-z0-9]{1,20}))?")
_PARTY = re.compile(r"[A-Z]{2}")


class Role(StrEnum):
    """What an authority is for."""

    MA = "MA"
    """Management Authority: issues and receives permits (Convention, Art. IX)."""
    CUSTOMS = "CUSTOMS"
    """Checks permits at the border and writes off what crossed."""
    HUB = "HUB"
    """Carries messages for others; issues nothing."""


@dataclass(frozen=True, slots=True, order=True)
class AuthorityId:
    """An organisation that takes part, for example `CH:MA`, `FR:CUSTOMS`, `DE:MA-BfN`."""

    party: str
    """ISO 3166-1 alpha-2."""
    role: Role
    name: str = ""
    """Tells several authorities of one Party and role apart; may be empty."""

    @classmethod
    def parse(cls, text: str) -> "AuthorityId":
        """
        Read `CH:MA` or `DE:MA-BfN`.

        Raises `MalformedRequest` for anything else.
        """
        match = _AUTHORITY.fullmatch(text)
        if match is None:
            raise MalformedRequest(
                f"{text!r} is not the id of an authority",
                advice="write the Party, a colon and the role, for example CH:MA, FR:CUSTOMS or DE:MA-BfN",
            )
        return cls(match[1], Role(match[2]), match[3] or "")

    def __str__(self) -> str:
        """The same text that `parse` reads."""
        return f"{self.party}:{self.role}" + (f"-{self.name}" if self.name else "")


@dataclass(frozen=True, slots=True, order=True)
class PermitRef:
    """Which permit: the issuing Party and the number, which is opaque text and may hold slashes."""

    issuer: str
    """ISO 3166-1 alpha-2 of the issuing Party."""
    number: str
    """1 to 35 characters, kept as written."""

    @classmethod
    def of(cls, issuer: str, number: str) -> "PermitRef":
        """
        Check both parts.

        Raises `MalformedRequest` when the issuer is not two capital letters or the number has no
        character, more than 35, or one that cannot be printed.
        """
        if not _PARTY.fullmatch(issuer):
            raise MalformedRequest(
                f"issuer {issuer!r} is not a Party", advice="write the two capital letters of ISO 3166-1"
            )
        if not 0 < len(number) <= MAX_PERMIT_NUMBER or not number.isprintable():
            raise MalformedRequest(
                f"the permit number must have 1 to {MAX_PERMIT_NUMBER} printable characters",
                advice="write the number as it stands in Box 1 of the permit",
            )
        return cls(issuer, number)

    def __str__(self) -> str:
        """For people: issuer and number."""
        return f"{self.issuer} {self.number}"
