"""The port `Permits` in memory."""

from datetime import datetime

from gateway.codec.registry import SealedPermit
from gateway.errors import MalformedRequest, PermitNumberTaken
from gateway.permits.days import in_utc
from gateway.permits.identity import PermitRef
from gateway.permits.record import PermitRecord
from support.memory.state import State


class MemoryPermits:
    """Fulfils the port `Permits`."""

    def __init__(self, state: State) -> None:
        """Works on the state of one transaction."""
        self._state = state

    async def add(self, sealed: SealedPermit, *, digest: str, new_id: str, at: datetime) -> PermitRecord:
        """Keep a permit unless it is there."""
        permit = sealed.permit
        if permit.ref is None:
            raise MalformedRequest("a permit without issuer and number cannot be kept")
        known = self._state.permits.get(permit.ref)
        if known is not None:
            if known.digest != digest:
                raise PermitNumberTaken(
                    f"{permit.ref} is stored already as another document",
                    stored_digest=known.digest,
                    digest=digest,
                )
            return known
        record = PermitRecord(
            id=new_id,
            ref=permit.ref,
            version=sealed.version,
            type_code=permit.type_code,
            exporter=permit.exporter_country,
            importer=permit.importer_country,
            valid_until=in_utc(permit.valid_until) if permit.valid_until else None,
            digest=digest,
            original=sealed.document.original,
            received_at=at,
        )
        self._state.permits[record.ref] = record
        self._state.sealed[record.id] = permit
        return record

    async def find(self, ref: PermitRef) -> PermitRecord | None:
        """The permit with that issuer and number."""
        return self._state.permits.get(ref)
