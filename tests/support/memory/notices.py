"""The port `Notices` in memory."""

from datetime import datetime

from gateway.exchange.notice_record import NoticeRecord
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.notices import Endorsement, StatusChange
from gateway.permits.record import HeldPermit, PermitRecord
from support.memory.state import State


class MemoryNotices:
    """Fulfils the port `Notices`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def lock(self, ref: PermitRef) -> None:
        """One transaction writes at a time."""

    async def add(self, record: NoticeRecord) -> bool:
        """Keep a notice unless its id or its author's key is there."""
        key = record.idempotency_key
        if (record.notice.by, record.notice.id) in self._state.notices:
            return False
        if key and await self.by_key(record.notice.by, key) is not None:
            return False
        self._state.notices[record.notice.by, record.notice.id] = record
        return True

    async def get(self, author: AuthorityId, notice_id: str) -> NoticeRecord | None:
        """The notice of an author with that id."""
        return self._state.notices.get((author, notice_id))

    async def by_key(self, author: AuthorityId, key: str) -> NoticeRecord | None:
        """The notice that an author made under a key."""
        for record in self._state.notices.values():
            if key and (record.notice.by, record.idempotency_key) == (author, key):
                return record
        return None

    async def of_permit(self, ref: PermitRef) -> list[NoticeRecord]:
        """Every notice about a permit, by id."""
        found = (record for record in self._state.notices.values() if record.notice.permit == ref)
        return sorted(found, key=lambda record: (record.notice.id, str(record.notice.by)))

    async def changes_of(self, issuer: str) -> list[tuple[StatusChange, str]]:
        """Every change of status of a Party's permits, by id."""
        return [
            (record.notice, permit.importer if permit else "")
            for record in sorted(self._state.notices.values(), key=lambda record: record.notice.id)
            if isinstance(record.notice, StatusChange) and record.notice.permit.issuer == issuer
            for permit in [self._state.permits.get(record.notice.permit)]
        ]

    async def look(self, ref: PermitRef, viewer: AuthorityId, at: datetime) -> None:
        """An authority has asked about a permit."""
        self._state.viewers.setdefault((ref, viewer), at)

    async def viewers(self, ref: PermitRef) -> list[AuthorityId]:
        """Who has asked."""
        return sorted((viewer for seen, viewer in self._state.viewers if seen == ref), key=str)

    async def count_held(self, party: str) -> int:
        """How many permits concern a Party."""
        return len(self._concerning(party))

    async def held(self, party: str, *, after: PermitRef | None, limit: int) -> list[HeldPermit]:
        """A page of them with their notices."""
        found = [record for record in self._concerning(party) if after is None or record.ref > after]
        return [
            HeldPermit(
                record.ref,
                record.exporter,
                record.importer,
                record.valid_until,
                tuple(each.notice for each in await self.of_permit(record.ref)),
            )
            for record in found[:limit]
        ]

    async def missing(self, party: str, *, after: PermitRef | None, limit: int) -> list[PermitRef]:
        """A page of permits that are not here and that customs of a Party wrote off."""
        refs = {
            record.notice.permit
            for record in self._state.notices.values()
            if isinstance(record.notice, Endorsement) and record.notice.by.party == party
        }
        return sorted(ref for ref in refs - set(self._state.permits) if after is None or ref > after)[:limit]

    def _concerning(self, party: str) -> list[PermitRecord]:
        """Permits that a Party issued, or that name it."""
        found = (
            record
            for record in self._state.permits.values()
            if party in (record.ref.issuer, record.exporter, record.importer)
        )
        return sorted(found, key=lambda record: record.ref)
