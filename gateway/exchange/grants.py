"""A token as the database keeps it: whose it is, what it may do, until when. The token itself is not kept."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime

from gateway.permits.identity import AuthorityId
from gateway.permits.scopes import Scope, scopes_for

PREFIX = "ecites_"
"""Makes a token that leaked into a log or a repository easy to find."""


def new_token() -> str:
    """A new token: 256 random bits, shown once."""
    return PREFIX + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """
    SHA-256 of a token in hex.

    A plain hash suffices: the token is random, not chosen, so there is nothing to guess. Looking up by the
    hash compares no secret byte by byte.
    """
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Grant:
    """The holder is an authority or a partner; the other one is empty."""

    token_hash: str = field(repr=False)
    """SHA-256 of the token in hex."""
    authority: AuthorityId | None
    partner: str
    """It opens the partner's mailbox and nothing else."""
    created_at: datetime
    wanted: frozenset[Scope] | None = None
    """What it was narrowed to; None: all that the authority's role may do, today and in later versions."""
    expires_at: datetime | None = None
    """From this moment on it opens nothing; None: it does not expire."""
    last_used_on: date | None = None
    """The day (UTC) of the last request with it, as far as it could be noted; None: never."""

    @property
    def holder(self) -> str:
        """For people."""
        return str(self.authority) if self.authority else self.partner

    @property
    def scopes(self) -> frozenset[Scope]:
        """What it opens at the API; nothing for a partner."""
        return scopes_for(self.authority.role, self.wanted) if self.authority else frozenset()

    def good_at(self, at: datetime) -> bool:
        """Whether it opens anything at a moment."""
        return self.expires_at is None or at < self.expires_at


def new_grant(
    token_hash: str,
    authority: AuthorityId,
    at: datetime,
    wanted: frozenset[Scope] | None = None,
    expires_at: datetime | None = None,
) -> Grant:
    """
    What is kept of a new token of an authority.

    Raises `ValueError` for one that would open nothing: where it is kept, no scope means all of them.
    """
    if wanted is not None and not wanted:
        raise ValueError("a token without any scope opens nothing; name one, or None for all of the role")
    return Grant(token_hash, authority, "", at, wanted, expires_at)
