"""Notices with sensible values, each of which a test may change."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from gateway.clock import new_id
from gateway.exchange import notices
from gateway.exchange.notice_record import NoticeRecord
from gateway.permits.identity import AuthorityId
from gateway.permits.notices import (
    Endorsement,
    Notice,
    PermitStatus,
    Reversal,
    Side,
    StatusChange,
    WrittenOff,
)
from gateway.permits.quantities import Quantity
from gateway.permits.values import Code, Text
from gateway.xmlio.canonical import sha256_hex
from support.exchange import CH_CUSTOMS, CH_MA, REF
from support.gateways import envelope
from support.keys import NOW

TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)
"""The first day of the permits of `support.permits`."""


def written(quantity: str = "10", line: str = "A", unit: str | None = None, dead: str = "0") -> WrittenOff:
    """One line of an endorsement."""
    return WrittenOff(line, Quantity(Decimal(quantity), unit), Decimal(dead))


def endorsement(*lines: WrittenOff, **changes: Any) -> Endorsement:
    """Swiss customs write off ten of line A at export."""
    made = Endorsement(
        new_id(NOW), REF, CH_CUSTOMS, NOW, Side.EXPORT, TODAY, "CH002571", lines=lines or (written(),)
    )
    return replace(made, **changes)


def reversal(of: Endorsement, **changes: Any) -> Reversal:
    """Its author takes an endorsement back."""
    return replace(Reversal(new_id(NOW), of.permit, of.by, NOW, of.id, "wrong permit"), **changes)


def change(status: PermitStatus = PermitStatus.CANCELLED, **changes: Any) -> StatusChange:
    """The Swiss Management Authority says where a permit stands."""
    replaced_by = "CH-2026-000124" if status is PermitStatus.REPLACED else ""
    return replace(StatusChange(new_id(NOW), REF, CH_MA, NOW, status, "a reason", replaced_by), **changes)


def kept(notice: Notice, **changes: Any) -> NoticeRecord:
    """What is kept about a notice that was made here."""
    document = notices.write(notice)
    return replace(NoticeRecord(notice, document, sha256_hex(document), NOW), **changes)


def notice_envelope(notice: Notice, *, sender: AuthorityId | None = None, **changes: Any) -> bytes:
    """A signed envelope of the Swiss gateway with a notice inside, by default from its author."""
    header: Mapping[str, Any] = {
        "kind": notices.kind_of(notice),
        "sender": sender or notice.by,
        "permit": notice.permit,
        **changes,
    }
    return envelope(notices.write(notice), **header)


SEVERAL: Mapping[str, Any] = MappingProxyType({"type": Code("O"), "names": (Text("Travelling exhibition"),)})
"""What makes a permit of `support.permits` one for several consignments."""
