"""What becomes of a permit, said by an authority hosted on a gateway under test or sent by a partner."""

from datetime import date, datetime
from decimal import Decimal
from functools import partial

from gateway.exchange import notices
from gateway.exchange.events import Event
from gateway.flows.give_notice import Given, give_notice
from gateway.flows.ports import Node, Trail
from gateway.flows.receive import receive
from gateway.permits.identity import AuthorityId, PermitRef
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
from support.exchange import FR_CUSTOMS, REF
from support.gateways import envelope


def endorsement(
    new_id: str,
    by: AuthorityId,
    at: datetime,
    *,
    ref: PermitRef = REF,
    side: Side = Side.IMPORT,
    quantity: str = "25",
) -> Endorsement:
    """So much of line A crossed a border today."""
    lines = (WrittenOff("A", Quantity(Decimal(quantity))),)
    return Endorsement(new_id, ref, by, at, side, date(at.year, at.month, at.day), "FR000040", lines=lines)


def change(
    new_id: str, by: AuthorityId, at: datetime, *, ref: PermitRef = REF, status: PermitStatus
) -> StatusChange:
    """A permit stands somewhere else from now on."""
    return StatusChange(new_id, ref, by, at, status, "a test")


async def endorse(node: Node, by: AuthorityId = FR_CUSTOMS, quantity: str = "25") -> Given:
    """Customs that live here write something off."""
    return await give_notice(partial(endorsement, quantity=quantity), REF, by, "", "", node, Trail())


async def reverse(node: Node, reverses: str, by: AuthorityId = FR_CUSTOMS) -> Given:
    """Customs that live here take it back."""

    def draft(new_id: str, author: AuthorityId, at: datetime) -> Reversal:
        return Reversal(new_id, REF, author, at, reverses, "a mistake")

    return await give_notice(draft, REF, by, "", "", node, Trail())


def notice_envelope(notice: Notice, **changes: object) -> bytes:
    """A signed envelope in which the Swiss gateway sends a notice to France."""
    kind = notices.kind_of(notice)
    return envelope(notices.write(notice), sender=notice.by, kind=kind, permit=notice.permit, **changes)


async def arrive(node: Node) -> None:
    """The Swiss permit comes to France."""
    await receive(envelope(), node, Trail())


async def events_of(node: Node, authority: AuthorityId) -> list[Event]:
    """What an authority was told and has not acknowledged."""
    async with node.storage.read() as transaction:
        return await transaction.events.waiting(authority, after="", limit=100)
