"""The port through which flows keep what becomes of permits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.exchange.notice_record import NoticeRecord
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.record import HeldPermit


class Notices(Protocol):
    """What became of permits, and who wants to hear of it."""

    async def lock(self, ref: PermitRef) -> None:
        """Let nobody else decide about this permit before the transaction ends."""

    async def add(self, record: NoticeRecord) -> bool:
        """Keep a notice; False when its id, or its author's key, is there already."""

    async def get(self, notice_id: str) -> NoticeRecord | None:
        """The notice with that id."""

    async def by_key(self, author: AuthorityId, key: str) -> NoticeRecord | None:
        """The notice that an author made under an idempotency key."""

    async def of_permit(self, ref: PermitRef) -> list[NoticeRecord]:
        """Every notice about a permit, by id."""

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
