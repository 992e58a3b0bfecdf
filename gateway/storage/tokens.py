"""Bearer tokens: only their hashes are kept."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import Column, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.permits.identity import AuthorityId
from gateway.storage.rows import authority
from gateway.storage.tables import tokens

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


class TokenTable:
    """Fulfils the port `Tokens`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def add(self, token: str, authority: AuthorityId, at: datetime) -> None:
        """Keep the hash of a token for one authority."""
        await self._connection.execute(
            insert(tokens),
            {"token_hash": token_hash(token), "authority": str(authority), "created_at": at},
        )

    async def add_for_partner(self, token: str, partner: str, at: datetime) -> None:
        """Keep the hash of a token with which a partner opens its mailbox."""
        await self._connection.execute(
            insert(tokens),
            {"token_hash": token_hash(token), "authority": "", "partner": partner, "created_at": at},
        )

    async def authority_of(self, token_hash: str) -> AuthorityId | None:
        """The authority that holds the token with that hash."""
        found = await self._holder(tokens.c.authority, token_hash)
        return authority(found) if found else None

    async def partner_of(self, token_hash: str) -> str | None:
        """The partner that holds the token with that hash."""
        return await self._holder(tokens.c.partner, token_hash) or None

    async def _holder(self, column: Column[str], token_hash: str) -> str | None:
        """What stands in one of the two columns for the holder."""
        rows = await self._connection.execute(select(column).where(tokens.c.token_hash == token_hash))
        return rows.scalar()
