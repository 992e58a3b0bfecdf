"""The port through which flows keep the tokens of permits."""

from datetime import datetime
from typing import Protocol

from gateway.permits.identity import PermitRef
from gateway.permits.token_id import TokenHash


class PermitTokens(Protocol):
    """Hashes of the tokens of permits that were issued here."""

    async def add(self, ref: PermitRef, kept: TokenHash, at: datetime) -> bool:
        """Keep the hash of a permit's token; False, and nothing kept, when it has one."""

    async def find(self, ref: PermitRef) -> TokenHash | None:
        """The hash of a permit's token; None when it has none."""
