"""The port through which flows keep what becomes of permits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.exchange.notice_record import NoticeRecord
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.notices import StatusChange
from gateway.permits.record import HeldPermit


class Notices(Protocol):
    """What became of permits, and who wants to hear of it."""

    async def lock(self, ref: PermitRef) -> None:
        """Let nobody else decide about this permit before the transaction ends."""

    async def add(self, record: NoticeRecord) -> bool:
        """Keep a notice; False when its author has made one with that id, or under that key, already."""

    async def get(self, author: AuthorityId, notice_id: str) -> NoticeRecord | None:
        """The notice of an author with that id; others may use the same id, and take it from nobody."""

    async def by_key(self, author: AuthorityId, key: str) -> NoticeRecord | None:
        """The notice that an author made under an idempotency key."""

    async def of_permit(self, ref: PermitRef) -> list[NoticeRecord]:
        """Every notice about a permit, by id."""

    async def changes_of(self, issuer: str) -> list[tuple[StatusChange, str]]:
        """
        Every change of status of a Party's permits, by id.

        With each, the importing Party of its permit; empty for a permit that is not here.
        """

    async def look(self, ref: PermitRef, viewer: AuthorityId, at: datetime) -> None:
        """An authority has asked about a permit."""

    async def viewers(self, ref: PermitRef) -> Sequence[AuthorityId]:
        """Who has asked about a permit, in the order of their names."""

    async def count_held(self, party: str) -> int:
        """How many permits are here that a Party issued, or that name it as exporter or importer."""

    async def held(self, party: str, *, after: PermitRef | None, limit: int) -> list[HeldPermit]:
        """
        A page of those permits, each with its notices, without their documents.

        They come in the order of issuer and number, as the store compares text; the next page begins after
        the last one of this.
        """

    async def missing(self, party: str, *, after: PermitRef | None, limit: int) -> list[PermitRef]:
        """A page, in the same way, of permits that are not here and that customs of a Party wrote off."""
