"""Bearer tokens: only their hashes are kept."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.exchange.grants import PREFIX, Grant, new_grant, new_token, token_hash
from gateway.permits.identity import AuthorityId
from gateway.permits.scopes import Scope
from gateway.storage.rows import authority
from gateway.storage.tables import tokens

__all__ = ["PREFIX", "TokenTable", "new_token", "token_hash"]


class TokenTable:
    """Fulfils the port `Tokens`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def add(
        self,
        token: str,
        authority: AuthorityId,
        at: datetime,
        *,
        wanted: frozenset[Scope] | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        """Keep the hash of a token for one authority; `wanted` narrows what it may do."""
        await self._add(new_grant(token_hash(token), authority, at, wanted, expires_at))

    async def add_for_partner(
        self, token: str, partner: str, at: datetime, *, expires_at: datetime | None = None
    ) -> None:
        """Keep the hash of a token with which a partner opens its mailbox."""
        await self._add(Grant(token_hash(token), None, partner, at, expires_at=expires_at))

    async def find(self, token_hash: str) -> Grant | None:
        """What is known of the token with that hash, expired or not."""
        rows = await self._connection.execute(select(tokens).where(tokens.c.token_hash == token_hash))
        row = rows.one_or_none()
        return _grant(row) if row is not None else None

    async def note_use(self, token_hash: str, day: date) -> None:
        """It was used on a day."""
        await self._connection.execute(
            update(tokens).where(tokens.c.token_hash == token_hash).values(last_used_on=day)
        )

    async def all(self) -> list[Grant]:
        """Every token, by holder, the oldest first."""
        rows = await self._connection.execute(
            select(tokens).order_by(
                tokens.c.authority, tokens.c.partner, tokens.c.created_at, tokens.c.token_hash
            )
        )
        return [_grant(row) for row in rows]

    async def revoke(self, token_hash: str) -> None:
        """Forget it: from now on it is not known here."""
        await self._connection.execute(delete(tokens).where(tokens.c.token_hash == token_hash))

    async def _add(self, grant: Grant) -> None:
        """Keep one."""
        await self._connection.execute(
            insert(tokens),
            {
                "token_hash": grant.token_hash,
                "authority": str(grant.authority or ""),
                "partner": grant.partner,
                "created_at": grant.created_at,
                "scopes": " ".join(sorted(grant.wanted or ())),
                "expires_at": grant.expires_at,
            },
        )


def _grant(row: Any) -> Grant:
    """From a row; a scope that a newer program has written opens nothing here."""
    words = row.scopes.split()
    return Grant(
        row.token_hash,
        authority(row.authority) if row.authority else None,
        row.partner,
        row.created_at,
        frozenset(Scope(word) for word in words if word in set(Scope)) if words else None,
        row.expires_at,
        row.last_used_on,
    )
