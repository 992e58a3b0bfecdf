"""Changes of trust that need two persons, in memory."""

from dataclasses import replace

from gateway.errors import StorageError
from gateway.people.proposals import Proposal, ProposalState
from support.memory.state import State


class MemoryProposals:
    """Fulfils the port `Proposals`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state.people

    async def standing(self, *, to_change: bool = False) -> Proposal | None:
        """The one with the highest serial."""
        counted = [each for each in self._state.proposals.values() if each.serial is not None]
        return max(counted, key=lambda each: each.serial or 0, default=None)

    async def add(self, proposal: Proposal) -> bool:
        """Keep one."""
        if await self.find(proposal.digest) is not None:
            return False
        self._state.proposals[proposal.id] = proposal
        return True

    async def find(self, digest: str) -> Proposal | None:
        """The one with that digest."""
        return next((each for each in self._state.proposals.values() if each.digest == digest), None)

    async def get(self, proposal_id: str, *, to_change: bool = False) -> Proposal | None:
        """The one with that id."""
        return self._state.proposals.get(proposal_id)

    async def unsettled(self) -> list[Proposal]:
        """Found, asked and refused ones."""
        states = (ProposalState.FOUND, ProposalState.ASKED, ProposalState.REFUSED)
        return [each for each in await self.latest(1000) if each.state in states]

    async def latest(self, limit: int) -> list[Proposal]:
        """The newest."""
        return sorted(self._state.proposals.values(), key=lambda each: each.id, reverse=True)[:limit]

    async def put(self, proposal: Proposal) -> None:
        """Write one."""
        others = [each for each in self._state.proposals.values() if each.id != proposal.id]
        if proposal.serial is not None and proposal.serial in {each.serial for each in others}:
            raise StorageError("two changes with one serial")
        known = self._state.proposals[proposal.id]
        self._state.proposals[proposal.id] = replace(proposal, found_at=known.found_at)
