"""A change of whom this gateway believes, as two persons agree to it: fact by fact, under one digest."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class Fact(NamedTuple):
    """One thing that is believed."""

    kind: str
    """What it says of the owner: `signs`, `stands-behind`, ..."""
    owner: str
    """A partner or an authority."""
    value: str = ""
    """An authority, or a certificate as DER in base64."""


Facts = frozenset[Fact]

RULE = Fact("two-persons", "gateway")
"""That two must agree is itself a fact, which one alone cannot take away."""


class ProposalState(StrEnum):
    """How far a change has come."""

    FOUND = "found"
    """It stands in the files, and nobody has agreed."""
    ASKED = "asked"
    """One administrator has agreed, and asks for another one."""
    AGREED = "agreed"
    """Two have: it counts."""
    REFUSED = "refused"
    """An administrator does not want it; it counts no more than before."""
    OVERTAKEN = "overtaken"
    """The files say something else by now."""

    @property
    def open(self) -> bool:
        """Whether somebody can still agree."""
        return self in (ProposalState.FOUND, ProposalState.ASKED)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One change, from what two had agreed to before."""

    id: str
    follows: int
    """The serial of what counts before; 0: the first."""
    adds: Facts
    removes: Facts
    found_at: datetime
    state: ProposalState = ProposalState.FOUND
    asked_by: str = ""
    """Id of the administrator who agreed first."""
    asked_at: datetime | None = None
    agreed_by: str = ""
    """Id of the second one."""
    agreed_at: datetime | None = None
    reason: str = ""
    """Of whoever asked or refused."""
    serial: int | None = None
    """In the order in which changes came to count."""
    after: Facts = frozenset()
    """All that counts once it does; only of what was agreed."""

    @property
    def digest(self) -> str:
        """SHA-256 in hex of exactly this change: what is agreed to."""
        return digest_of(self.follows, self.adds, self.removes)

    @property
    def sound(self) -> bool:
        """Whether a change that is said to be agreed names two; the first one of all needed nobody."""
        two = bool(self.asked_by and self.agreed_by) and self.asked_by != self.agreed_by
        return self.serial is not None and (two or self.follows == 0)


def digest_of(follows: int, adds: Iterable[Fact], removes: Iterable[Fact]) -> str:
    """SHA-256 in hex over the change as JSON with sorted facts."""
    what = {"follows": follows, "adds": sorted(adds), "removes": sorted(removes)}
    return hashlib.sha256(json.dumps(what, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def facts_to_json(facts: Facts) -> list[list[str]]:
    """In order, for the database."""
    return [list(fact) for fact in sorted(facts)]


def facts_from_json(rows: Any) -> Facts:
    """From there."""
    return frozenset(Fact(*row) for row in rows)
