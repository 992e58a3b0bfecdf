"""The port `Tokens` in memory."""

import hashlib
from dataclasses import replace
from datetime import date, datetime

from gateway.exchange.grants import Grant, new_grant
from gateway.permits.identity import AuthorityId
from gateway.permits.scopes import Scope
from support.memory.state import State


class MemoryTokens:
    """Fulfils the port `Tokens`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def add(
        self,
        token: str,
        authority: AuthorityId,
        at: datetime,
        *,
        wanted: frozenset[Scope] | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        """Keep the hash of a token for one authority."""
        self._keep(new_grant(_hash(token), authority, at, wanted, expires_at))

    async def add_for_partner(
        self, token: str, partner: str, at: datetime, *, expires_at: datetime | None = None
    ) -> None:
        """Keep the hash of a token with which a partner opens its mailbox."""
        self._keep(Grant(_hash(token), None, partner, at, expires_at=expires_at))

    def _keep(self, grant: Grant) -> None:
        """Keep one."""
        self._state.tokens[grant.token_hash] = grant

    async def find(self, token_hash: str) -> Grant | None:
        """What is known of the token with that hash."""
        return self._state.tokens.get(token_hash)

    async def note_use(self, token_hash: str, day: date) -> None:
        """It was used on a day."""
        if token_hash in self._state.tokens:
            self._keep(replace(self._state.tokens[token_hash], last_used_on=day))

    async def all(self) -> list[Grant]:
        """Every token, by holder, the oldest first."""
        return sorted(
            self._state.tokens.values(),
            key=lambda each: (str(each.authority or ""), each.partner, each.created_at, each.token_hash),
        )

    async def revoke(self, token_hash: str) -> None:
        """Forget it."""
        self._state.tokens.pop(token_hash, None)


def _hash(token: str) -> str:
    """As the real table keeps it."""
    return hashlib.sha256(token.encode()).hexdigest()
