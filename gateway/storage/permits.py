"""Sealed permits."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.codec.registry import SealedPermit
from gateway.errors import MalformedRequest, PermitNumberTaken
from gateway.permits.days import in_utc
from gateway.permits.identity import PermitRef
from gateway.permits.query import species_of
from gateway.permits.record import PermitRecord
from gateway.storage.once import insert_once
from gateway.storage.rows import permit_ref
from gateway.storage.tables import permit_species, permits

_FIND = select(permits).where(
    permits.c.issuer == bindparam("wanted_issuer"), permits.c.number == bindparam("wanted_number")
)


class PermitTable:
    """Fulfils the port `Permits`."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Works inside the transaction of `connection`."""
        self._connection = connection

    async def add(self, sealed: SealedPermit, *, digest: str, new_id: str, at: datetime) -> PermitRecord:
        """Keep a permit unless it is there; raises `PermitNumberTaken` for another document."""
        permit = sealed.permit
        ref = permit.ref
        if ref is None:
            raise MalformedRequest("a permit without issuer and number cannot be kept")
        record = PermitRecord(
            id=new_id,
            ref=ref,
            version=sealed.version,
            type_code=permit.type_code,
            exporter=permit.exporter_country,
            importer=permit.importer_country,
            valid_until=in_utc(permit.valid_until) if permit.valid_until else None,
            digest=digest,
            original=sealed.document.original,
            received_at=at,
        )
        begins = permit.valid_from or permit.issued_at
        row = values_of(record) | {"valid_from": in_utc(begins) if begins else None}
        if await insert_once(self._connection, permits, [row]):
            names = [{"name": name, "permit_id": record.id} for name in sorted(species_of(permit))]
            await insert_once(self._connection, permit_species, names)
            return record
        known = await self.find(ref)
        if known is None or known.digest != digest:
            raise PermitNumberTaken(
                f"{ref} is stored already as another document",
                advice="a permit that is issued does not change: give the new one its own number",
                stored_digest=known.digest if known else "",
                digest=digest,
            )
        return known

    async def find(self, ref: PermitRef) -> PermitRecord | None:
        """The permit with that issuer and number."""
        row = (
            await self._connection.execute(_FIND, {"wanted_issuer": ref.issuer, "wanted_number": ref.number})
        ).first()
        return None if row is None else record_of(row)


def values_of(record: PermitRecord) -> dict[str, Any]:
    """The row of a record."""
    return {
        "id": record.id,
        "issuer": record.ref.issuer,
        "number": record.ref.number,
        "version": record.version,
        "type_code": record.type_code,
        "exporter": record.exporter,
        "importer": record.importer,
        "valid_until": record.valid_until,
        "digest": record.digest,
        "original": record.original,
        "received_at": record.received_at,
    }


def record_of(row: Any) -> PermitRecord:
    """The record of a row."""
    return PermitRecord(
        id=row.id,
        ref=permit_ref(row),
        version=row.version,
        type_code=row.type_code,
        exporter=row.exporter,
        importer=row.importer,
        valid_until=row.valid_until,
        digest=row.digest,
        original=row.original,
        received_at=row.received_at,
    )
