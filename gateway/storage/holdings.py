"""The permits that concern some authorities."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.exchange import notices as notices_xml
from gateway.permits.identity import AuthorityId
from gateway.permits.notices import Endorsement, Notice, PermitStatus, StatusChange
from gateway.permits.query import PermitQuery, species_key
from gateway.permits.record import PermitHead, PermitRecord
from gateway.storage.permits import record_of
from gateway.storage.rows import permit_ref
from gateway.storage.tables import inbox, notices, permit_species, permit_viewers, permits, submissions
from gateway.xmlio.parse import parse

_A_DAY = timedelta(days=1)
_LAST = "\U0010ffff"
"""Sorts after every character."""
_BY_LEDGER = frozenset({PermitStatus.USED, PermitStatus.PARTLY_USED})
_BY_CALENDAR = frozenset({PermitStatus.ISSUED, PermitStatus.EXPIRED})
"""Statuses that a permit may have of which nobody has said anything."""
_HEAD = (
    permits.c.id,
    permits.c.issuer,
    permits.c.number,
    permits.c.type_code,
    permits.c.exporter,
    permits.c.importer,
    permits.c.valid_from,
    permits.c.valid_until,
    permits.c.received_at,
)


class HoldingTable:
    """Fulfils the port `Holdings`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def search(
        self, query: PermitQuery, *, boundary: Collection[AuthorityId], before: str, limit: int
    ) -> list[PermitHead]:
        """Those that match, the newest first; their documents, which are large, are not read."""
        statement = select(*_HEAD).where(*_conditions(query), *_concerning(boundary))
        if before:
            statement = statement.where(permits.c.id < before)
        rows = await self._connection.execute(statement.order_by(permits.c.id.desc()).limit(limit))
        return [
            PermitHead(
                row.id,
                permit_ref(row),
                row.type_code,
                row.exporter,
                row.importer,
                row.valid_from,
                row.valid_until,
                row.received_at,
                await self._said(row.issuer, row.number),
            )
            for row in rows.all()
        ]

    async def get(self, permit_id: str, *, boundary: Collection[AuthorityId]) -> PermitRecord | None:
        """The permit with that id of ours, unless it concerns none of them."""
        found = select(permits).where(permits.c.id == permit_id, *_concerning(boundary))
        row = (await self._connection.execute(found)).first()
        return None if row is None else record_of(row)

    async def _said(self, issuer: str, number: str) -> tuple[Notice, ...]:
        """Every notice about a permit, by id."""
        rows = await self._connection.execute(
            select(notices.c.document)
            .where(notices.c.issuer == issuer, notices.c.number == number)
            .order_by(notices.c.id, notices.c.author)
        )
        return tuple(notices_xml.trusted(parse(bytes(document)).root) for document in rows.scalars())


def _concerning(boundary: Collection[AuthorityId]) -> Iterator[ColumnElement[bool]]:
    """
    Whether a permit concerns one of some authorities: the one place where that is decided.

    Each part is one step in an index: the unique keys of `inbox` and `permit_viewers`, and the indexes of
    `submissions` and `notices` by issuer and number.
    """
    if not boundary:
        return
    names = sorted(map(str, boundary))
    yield or_(
        exists().where(inbox.c.authority.in_(names), inbox.c.permit_id == permits.c.id),
        exists().where(
            submissions.c.issuer == permits.c.issuer,
            submissions.c.number == permits.c.number,
            submissions.c.authority.in_(names),
        ),
        exists().where(
            permit_viewers.c.issuer == permits.c.issuer,
            permit_viewers.c.number == permits.c.number,
            permit_viewers.c.authority.in_(names),
        ),
        exists().where(
            notices.c.issuer == permits.c.issuer,
            notices.c.number == permits.c.number,
            notices.c.author.in_(names),
        ),
    )


def _conditions(query: PermitQuery) -> Iterator[ColumnElement[bool]]:
    """What the query asks of a permit."""
    for name in ("number", "issuer", "exporter", "importer", "type_code"):
        if wanted := getattr(query, name):
            yield permits.c[name] == wanted
    if key := species_key(query.species):
        named = permit_species.c.name >= key, permit_species.c.name < key + _LAST
        yield permits.c.id.in_(select(permit_species.c.permit_id).where(*named))
    if query.valid_on is not None:
        yield permits.c.valid_until >= _start(query.valid_on)
        yield or_(permits.c.valid_from.is_(None), permits.c.valid_from < _start(query.valid_on) + _A_DAY)
    if query.received_from is not None:
        yield permits.c.received_at >= _start(query.received_from)
    if query.received_to is not None:
        yield permits.c.received_at < _start(query.received_to) + _A_DAY
    if query.status is not None and query.status not in _BY_CALENDAR:
        kind = Endorsement if query.status in _BY_LEDGER else StatusChange
        yield exists().where(
            notices.c.issuer == permits.c.issuer,
            notices.c.number == permits.c.number,
            notices.c.kind == kind.__name__,
        )


def _start(day: date) -> datetime:
    """The first moment of a day, in UTC."""
    return datetime.combine(day, time(), UTC)
