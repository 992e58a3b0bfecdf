"""Every change of status of the permits of one Party."""

from datetime import timedelta

from support.exchange import CH_CUSTOMS, CH_MA, FR_MA
from support.keys import NOW
from support.permits import digest_of, sealed

from gateway.clock import new_id
from gateway.exchange import notices as notices_xml
from gateway.exchange.notice_record import NoticeRecord
from gateway.permits.identity import PermitRef
from gateway.permits.notices import Notice, PermitStatus, Reversal, StatusChange
from gateway.xmlio.canonical import sha256_hex

HERE, ELSEWHERE = PermitRef("CH", "CH-2026-000123"), PermitRef("CH", "on-paper")


def recorded(notice: Notice) -> NoticeRecord:
    """A notice as it is kept."""
    document = notices_xml.write(notice)
    return NoticeRecord(notice, document, sha256_hex(document), NOW)


def change(ref: PermitRef, status: PermitStatus, later: int, by=CH_MA) -> StatusChange:
    """A change of status."""
    at = NOW + timedelta(seconds=later)
    return StatusChange(new_id(at), ref, by, at, status=status, reason="test")


async def test_changes_with_the_importing_party(storage):
    """In the order of ids; of a permit that is not here no importing Party is known; nothing else comes."""
    first = change(HERE, PermitStatus.SUSPENDED, 0)
    second = change(ELSEWHERE, PermitStatus.LOST, 1)
    other = change(PermitRef("FR", "FR-1"), PermitStatus.LOST, 2, FR_MA)
    at = NOW + timedelta(seconds=3)
    reversal = Reversal(new_id(at), HERE, CH_CUSTOMS, at, reverses=new_id(NOW), reason="test")
    permit = sealed(HERE.number)
    async with storage.write() as transaction:
        await transaction.permits.add(permit, digest=digest_of(permit), new_id=new_id(NOW), at=NOW)
        for notice in (second, first, other, reversal):
            await transaction.notices.add(recorded(notice))
    async with storage.read() as transaction:
        assert await transaction.notices.changes_of("CH") == [(first, "FR"), (second, "")]
        assert await transaction.notices.changes_of("DE") == []
