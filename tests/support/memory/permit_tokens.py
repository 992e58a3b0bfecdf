"""The port `PermitTokens` in memory."""

from datetime import datetime

from gateway.permits.identity import PermitRef
from gateway.permits.token_id import TokenHash
from support.memory.state import State


class MemoryPermitTokens:
    """Fulfils the port `PermitTokens`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def add(self, ref: PermitRef, kept: TokenHash, at: datetime) -> bool:
        """Keep the hash of a permit's token; False, and nothing kept, when it has one."""
        return self._state.permit_tokens.setdefault(ref, kept) is kept

    async def find(self, ref: PermitRef) -> TokenHash | None:
        """The hash of a permit's token; None when it has none."""
        return self._state.permit_tokens.get(ref)
