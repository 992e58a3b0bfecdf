"""The port through which flows keep changes of trust that need two persons."""

from typing import Protocol

from gateway.people.proposals import Proposal


class Proposals(Protocol):
    """Changes of trust, and who has agreed."""

    async def standing(self, *, to_change: bool = False) -> Proposal | None:
        """
        The last change that came to count; None before the first.

        Nobody else lets one count before this transaction ends, if `to_change`.
        """

    async def add(self, proposal: Proposal) -> bool:
        """Keep one; False, and nothing kept, when a change with its digest is there."""

    async def find(self, digest: str) -> Proposal | None:
        """The one with that digest."""

    async def get(self, proposal_id: str, *, to_change: bool = False) -> Proposal | None:
        """The one with that id."""

    async def unsettled(self) -> list[Proposal]:
        """Those that count for nothing yet: found, asked and refused ones, the newest first."""

    async def latest(self, limit: int) -> list[Proposal]:
        """The newest, whatever became of them."""

    async def put(self, proposal: Proposal) -> None:
        """Write state, persons and serial of one; raises `StorageError` when a serial is taken."""
