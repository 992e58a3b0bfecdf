"""The simplest desk: every document is examined where it is asked about."""

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

Given = TypeVarTuple("Given")
Result = TypeVar("Result")


class AtOnce:
    """Fulfils the port `Desk` for commands and tests, which have no event loop to keep free."""

    async def run(
        self,
        data: bytes,  # noqa: ARG002 - the port asks for it, and size does not matter here
        examine: Callable[[*Given], Result],
        *given: *Given,
        stranger: bool = False,  # noqa: ARG002 - as above
    ) -> Result:
        """What `examine(*given)` returns or raises, now."""
        return examine(*given)


AT_ONCE = AtOnce()
