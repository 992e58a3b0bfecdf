"""The port `Holdings` in memory."""

from collections.abc import Collection

from gateway.exchange.notice_record import NoticeRecord
from gateway.permits.days import in_utc
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.notices import Endorsement, PermitStatus, StatusChange
from gateway.permits.query import PermitQuery, species_key, species_of
from gateway.permits.record import PermitHead, PermitRecord
from support.memory.state import State


class MemoryHoldings:
    """Fulfils the port `Holdings`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def search(
        self, query: PermitQuery, *, boundary: Collection[AuthorityId], before: str, limit: int
    ) -> list[PermitHead]:
        """Those that match, the newest first."""
        heads = [self._head(r) for r in self._state.permits.values() if self._concerns(r, boundary)]
        found = [head for head in heads if (not before or head.id < before) and self._matches(head, query)]
        return sorted(found, key=lambda head: head.id, reverse=True)[:limit]

    async def get(self, permit_id: str, *, boundary: Collection[AuthorityId]) -> PermitRecord | None:
        """The permit with that id of ours, unless it concerns none of them."""
        found = (r for r in self._state.permits.values() if r.id == permit_id and self._concerns(r, boundary))
        return next(found, None)

    def _concerns(self, record: PermitRecord, boundary: Collection[AuthorityId]) -> bool:
        """Whether it was submitted by, handed to, asked about by, or spoken of by one of them."""
        concerned = {
            *(each.authority for each in self._state.inbox.values() if each.permit_id == record.id),
            *(each.authority for each in self._state.submissions.values() if each.permit == record.ref),
            *(viewer for ref, viewer in self._state.viewers if ref == record.ref),
            *(each.notice.by for each in self._said(record.ref)),
        }
        return not boundary or not concerned.isdisjoint(boundary)

    def _said(self, ref: PermitRef) -> list[NoticeRecord]:
        """Every notice about a permit, by id."""
        found = (record for record in self._state.notices.values() if record.notice.permit == ref)
        return sorted(found, key=lambda record: (record.notice.id, str(record.notice.by)))

    def _head(self, record: PermitRecord) -> PermitHead:
        """A line of the list."""
        permit = self._state.sealed[record.id]
        begins = permit.valid_from or permit.issued_at
        return PermitHead(
            record.id,
            record.ref,
            record.type_code,
            record.exporter,
            record.importer,
            in_utc(begins) if begins else None,
            record.valid_until,
            record.received_at,
            tuple(each.notice for each in self._said(record.ref)),
        )

    def _matches(self, head: PermitHead, query: PermitQuery) -> bool:
        """True when every condition that is not empty holds."""
        key, day, received = species_key(query.species), query.valid_on, head.received_at.date()
        first, last = head.valid_from, head.valid_until
        return (
            query.number in ("", head.ref.number)
            and query.issuer in ("", head.ref.issuer)
            and all(
                getattr(query, n) in ("", getattr(head, n)) for n in ("exporter", "importer", "type_code")
            )
            and (not key or any(n.startswith(key) for n in species_of(self._state.sealed[head.id])))
            and (
                day is None
                or (last is not None and last.date() >= day and (not first or first.date() <= day))
            )
            and (query.received_from is None or received >= query.received_from)
            and (query.received_to is None or received <= query.received_to)
            and self._may_stand(head, query.status)
        )

    @staticmethod
    def _may_stand(head: PermitHead, status: PermitStatus | None) -> bool:
        """Whether there is a notice without which a permit cannot have that status."""
        if status is None or status in (PermitStatus.ISSUED, PermitStatus.EXPIRED):
            return True
        by_ledger = status in (PermitStatus.USED, PermitStatus.PARTLY_USED)
        return any(isinstance(each, Endorsement if by_ledger else StatusChange) for each in head.notices)
