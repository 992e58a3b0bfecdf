"""Somebody who may sign in to the console."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from gateway.people.rights import RIGHTS, Post, Right
from gateway.permits.identity import AuthorityId
from gateway.wording import ENGLISH


@dataclass(frozen=True, slots=True)
class Person:
    """One account, without its secrets."""

    id: str
    """UUIDv7."""
    name: str
    """What is typed to sign in, and what stands in the message log."""
    post: Post
    authorities: frozenset[AuthorityId] = frozenset()
    """Whose data they see; empty: those of all who live here, which an officer never has."""
    language: str = ENGLISH
    created_at: datetime | None = None
    disabled_at: datetime | None = None

    def may(self, right: Right) -> bool:
        """Whether their post has the right."""
        return right in RIGHTS[self.post]

    def sees(self, *authorities: AuthorityId) -> bool:
        """Whether what concerns these authorities, any of them, may be shown to them."""
        return not self.authorities or any(authority in self.authorities for authority in authorities)


def name_key(name: str) -> str:
    """The same for names that look the same (NFKC, in whatever case)."""
    return unicodedata.normalize("NFKC", name).strip().casefold()
