"""Tokens of permits: only their salted hashes are kept."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.permits.identity import PermitRef
from gateway.permits.token_id import TokenHash
from gateway.storage.once import insert_once
from gateway.storage.tables import permit_tokens


class PermitTokenTable:
    """Fulfils the port `PermitTokens`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def add(self, ref: PermitRef, kept: TokenHash, at: datetime) -> bool:
        """Keep the hash of a permit's token; False, and nothing kept, when it has one."""
        row = {
            "issuer": ref.issuer,
            "number": ref.number,
            "salt": kept.salt,
            "token_hash": kept.digest,
            "created_at": at,
        }
        return await insert_once(self._connection, permit_tokens, [row]) == 1

    async def find(self, ref: PermitRef) -> TokenHash | None:
        """The hash of a permit's token; None when it has none."""
        row = (
            await self._connection.execute(
                select(permit_tokens.c.salt, permit_tokens.c.token_hash).where(
                    permit_tokens.c.issuer == ref.issuer, permit_tokens.c.number == ref.number
                )
            )
        ).first()
        return None if row is None else TokenHash(bytes(row.salt), bytes(row.token_hash))
