"""The port through which people find the permits that concern the authorities they belong to."""

from collections.abc import Collection
from typing import Protocol

from gateway.permits.identity import AuthorityId
from gateway.permits.query import PermitQuery
from gateway.permits.record import PermitHead, PermitRecord


class Holdings(Protocol):
    """
    Permits that are held here, as far as they concern some authorities.

    A permit concerns an authority that submitted it, was handed it, asked about it, or said what became of
    it. No authorities at all stand for everybody who lives here.
    """

    async def search(
        self, query: PermitQuery, *, boundary: Collection[AuthorityId], before: str, limit: int
    ) -> list[PermitHead]:
        """
        Those that match, the newest first, older than the one with id `before` (empty: from the newest).

        The status is asked only as far as notices decide it: some that have another one may be among them.
        """

    async def get(self, permit_id: str, *, boundary: Collection[AuthorityId]) -> PermitRecord | None:
        """The permit with that id of ours; None, too, when it concerns none of them."""
