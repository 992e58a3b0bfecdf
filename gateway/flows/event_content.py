"""What an event says: what happened, and what is left of the permit at the moment at which it is told."""

from typing import Any

from gateway.errors import DocumentError, NotFound, SignatureRefused
from gateway.exchange.events import Event, EventKind
from gateway.flows.known_permit import Known, find_known
from gateway.flows.ledger_shapes import balances_as_list, notice_as_dict
from gateway.flows.ports import Node
from gateway.permits.identity import PermitRef


async def data_of(event: Event, node: Node) -> dict[str, Any]:
    """
    The data of an event.

    `permit` is None when the permit is not here, or its seal does not hold: what happened is told all the
    same. Raises `StorageError`.
    """
    known = await _known(event.permit, node)
    return _data(event, await _subject(event, node), known, node)


async def data_of_all(events: list[Event], node: Node) -> list[dict[str, Any]]:
    """The data of several events; each permit is looked at once."""
    permits = {ref: await _known(ref, node) for ref in dict.fromkeys(event.permit for event in events)}
    return [_data(event, await _subject(event, node), permits[event.permit], node) for event in events]


async def document_of(event: Event, node: Node) -> bytes:
    """
    The XML that an event is about: the permit, or the notice, as it was sealed or came.

    Raises `NotFound`, which says that there is none.
    """
    async with node.storage.read() as transaction:
        if event.kind is EventKind.ARRIVED:
            permit = await transaction.permits.find(event.permit)
            document = permit.original if permit else b""
        else:
            notice = await transaction.notices.get(event.by, event.about)
            document = notice.document if notice else b""
    if not document:
        raise NotFound(f"this gateway holds no document {event.about} about {event.permit}")
    return document


async def _known(ref: PermitRef, node: Node) -> Known | None:
    """The permit as it stands now, if it is here and its seal holds."""
    try:
        _, known = await find_known(ref, node)
    except (NotFound, SignatureRefused, DocumentError):
        return None
    return known


async def _subject(event: Event, node: Node) -> dict[str, Any]:
    """The item of the inbox, or the notice."""
    if event.kind is EventKind.ARRIVED:
        return {"inbox_item": event.about}
    async with node.storage.read() as transaction:
        record = await transaction.notices.get(event.by, event.about)
    return {"notice": notice_as_dict(record.notice) if record else None}


def _data(event: Event, subject: dict[str, Any], known: Known | None, node: Node) -> dict[str, Any]:
    """Everything together."""
    at = node.clock.now()
    return {
        "by": str(event.by),
        "issuer": event.permit.issuer,
        "number": event.permit.number,
        **subject,
        "permit": {
            "as_of": at.isoformat(),
            "status": known.status(at).value,
            "balances": balances_as_list(known.balances),
        }
        if known
        else None,
    }
