"""The port `Submissions` in memory."""

from collections.abc import Iterable

from gateway.exchange.records import (
    Submission,
)
from gateway.permits.identity import AuthorityId, PermitRef
from support.memory.state import State


class MemorySubmissions:
    """Fulfils the port `Submissions`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def add(self, submission: Submission) -> bool:
        """Keep a submission unless its key was used before."""
        if submission.id in self._state.submissions:
            return False
        if await self.by_key(submission.authority, submission.idempotency_key) is not None:
            return False
        self._state.submissions[submission.id] = submission
        return True

    async def by_key(self, authority: AuthorityId, idempotency_key: str) -> Submission | None:
        """The submission made under that key."""
        return self._first(s for s in self._of(authority) if s.idempotency_key == idempotency_key)

    async def by_id(self, authority: AuthorityId, submission_id: str) -> Submission | None:
        """The submission with that id."""
        return self._first(s for s in self._of(authority) if s.id == submission_id)

    async def by_permit(self, authority: AuthorityId, permit: PermitRef) -> Submission | None:
        """The first submission of that permit."""
        return self._first(s for s in self._of(authority) if s.permit == permit)

    def _of(self, authority: AuthorityId) -> Iterable[Submission]:
        """All submissions of one authority."""
        return (s for s in self._state.submissions.values() if s.authority == authority)

    @staticmethod
    def _first(found: Iterable[Submission]) -> Submission | None:
        """The oldest."""
        return min(found, key=lambda submission: submission.id, default=None)
