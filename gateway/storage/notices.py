"""What became of permits, and who wants to hear of it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.exchange import notices as notices_xml
from gateway.exchange.notice_record import NoticeRecord
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.notices import StatusChange
from gateway.storage.once import insert_once
from gateway.storage.rows import authority
from gateway.storage.tables import notices, permit_viewers, permits
from gateway.xmlio.parse import parse

READ_AT_ONCE = 100
"""Notices, some ten milliseconds; then whoever else waits for the event loop has its turn."""


class NoticeTable:
    """Fulfils the port `Notices`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def lock(self, ref: PermitRef) -> None:
        """Nobody else decides about this permit before the end; SQLite has one writer anyway."""
        await self._connection.execute(
            select(permits.c.id)
            .where(permits.c.issuer == ref.issuer, permits.c.number == ref.number)
            .with_for_update()
        )

    async def add(self, record: NoticeRecord) -> bool:
        """Keep a notice; False when its author has made one with that id, or under that key, already."""
        return await insert_once(self._connection, notices, [values_of(record)]) == 1

    async def get(self, author: AuthorityId, notice_id: str) -> NoticeRecord | None:
        """The notice of an author with that id."""
        row = (
            await self._connection.execute(
                select(notices).where(notices.c.author == str(author), notices.c.id == notice_id)
            )
        ).first()
        return None if row is None else _record(row)

    async def by_key(self, author: AuthorityId, key: str) -> NoticeRecord | None:
        """The notice that an author made under an idempotency key."""
        row = (
            await self._connection.execute(
                select(notices).where(notices.c.author == str(author), notices.c.idempotency_key == key)
            )
        ).first()
        return None if row is None else _record(row)

    async def of_permit(self, ref: PermitRef) -> list[NoticeRecord]:
        """Every notice about a permit, by id."""
        rows = await self._connection.execute(
            select(notices)
            .where(notices.c.issuer == ref.issuer, notices.c.number == ref.number)
            .order_by(notices.c.id, notices.c.author)
        )
        return [_record(row) for row in rows]

    async def changes_of(self, issuer: str) -> list[tuple[StatusChange, str]]:
        """Every change of status of a Party's permits, by id, with the importing Party of its permit."""
        here = (permits.c.issuer == notices.c.issuer) & (permits.c.number == notices.c.number)
        rows = await self._connection.execute(
            select(notices.c.document, permits.c.importer)
            .select_from(notices.outerjoin(permits, here))
            .where(notices.c.issuer == issuer, notices.c.kind == StatusChange.__name__)
            .order_by(notices.c.id)
        )
        found = []
        for count, row in enumerate(rows.all(), 1):
            notice = notices_xml.trusted(parse(bytes(row.document)).root)
            if isinstance(notice, StatusChange):
                found.append((notice, row.importer or ""))
            if count % READ_AT_ONCE == 0:
                await asyncio.sleep(0)
        return found

    async def look(self, ref: PermitRef, viewer: AuthorityId, at: datetime) -> None:
        """An authority has asked about a permit."""
        await insert_once(
            self._connection,
            permit_viewers,
            [{"issuer": ref.issuer, "number": ref.number, "authority": str(viewer), "first_at": at}],
        )

    async def viewers(self, ref: PermitRef) -> Sequence[AuthorityId]:
        """Who has asked about a permit, in the order of their names."""
        rows = await self._connection.execute(
            select(permit_viewers.c.authority)
            .where(permit_viewers.c.issuer == ref.issuer, permit_viewers.c.number == ref.number)
            .order_by(permit_viewers.c.authority)
        )
        return [authority(text) for text in rows.scalars()]


def values_of(record: NoticeRecord) -> dict[str, Any]:
    """The row of a record."""
    notice = record.notice
    return {
        "id": notice.id,
        "issuer": notice.permit.issuer,
        "number": notice.permit.number,
        "author": str(notice.by),
        "kind": type(notice).__name__,
        "made_at": notice.at,
        "recorded_at": record.recorded_at,
        "document": record.document,
        "digest": record.digest,
        "partner": record.partner,
        "idempotency_key": record.idempotency_key or None,
        "request_digest": record.request_digest,
    }


def _record(row: Any) -> NoticeRecord:
    """The record of a row."""
    document = bytes(row.document)
    return NoticeRecord(
        notice=notices_xml.trusted(parse(document).root),
        document=document,
        digest=row.digest,
        recorded_at=row.recorded_at,
        partner=row.partner,
        idempotency_key=row.idempotency_key or "",
        request_digest=row.request_digest,
    )
