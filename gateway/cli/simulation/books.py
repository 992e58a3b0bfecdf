"""The books of a simulation: does every permit, every receipt and every log add up?"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509

from gateway import clock
from gateway.cli.simulation.ledger import Handed, Ledger
from gateway.cli.simulation.plan import Shipment
from gateway.errors import GatewayError
from gateway.exchange import receipts
from gateway.exchange.records import DeliveryRecord, Direction
from gateway.messagelog.entry import Entry, EntryKind
from gateway.messagelog.query import LogQuery
from gateway.permits.identity import AuthorityId
from gateway.signatures.verify import verify
from gateway.storage.unit_of_work import Database, DatabaseTransaction
from gateway.xmlio.parse import parse

PAGE = 1000
_NO_STEP = ("lease-lost", "known")
"""Outcomes of entries that say that somebody else had taken the step already."""
SHOWN = 10
"""Sentences about one page of the books that a person reads."""


@dataclass(slots=True)
class Page:
    """One thing that must add up."""

    name: str
    title: str
    right: int = 0
    wrong: list[str] = field(default_factory=list)

    def count(self, complaint: str) -> None:
        """One more; an empty complaint means that it is right."""
        if complaint:
            self.wrong.append(complaint)
        else:
            self.right += 1

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape."""
        return {
            "name": self.name,
            "title": self.title,
            "right": self.right,
            "wrong": self.wrong[:SHOWN],
            "missing": len(self.wrong),
        }


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look: who lives where, and what is stored there."""

    homes: Mapping[AuthorityId, str]
    """Name of the gateway by authority."""
    desks: Mapping[str, Database]
    certificates: Mapping[str, Sequence[x509.Certificate]]
    """Of the gateway itself, by its name."""


async def check_books(shipments: Sequence[Shipment], ledger: Ledger, places: Places) -> list[Page]:
    """
    Every page for these shipments.

    1. Each permit was accepted from its issuer, once.
    2. Each rightful consumer has exactly those bytes, once, and nobody else has any.
    3. Each sender holds a receipt, signed by the gateway of the receiver, about exactly that permit.
    4. Each log tells each step once.
    """
    return [
        _accepted(shipments, ledger),
        _consumed(shipments, ledger),
        await _receipted(shipments, ledger, places),
        await _logged(shipments, places),
    ]


def _accepted(shipments: Sequence[Shipment], ledger: Ledger) -> Page:
    """Step 1."""
    page = Page("accepted", "each permit accepted from its issuer, once")
    for shipment in shipments:
        page.count("" if shipment.number in ledger.handed else f"{shipment.number} was never accepted")
    page.wrong += ledger.troubles
    return page


def _consumed(shipments: Sequence[Shipment], ledger: Ledger) -> Page:
    """Step 2."""
    page = Page("consumed", "each permit with each rightful consumer, once")
    for shipment in shipments:
        handed = ledger.handed.get(shipment.number)
        taken = ledger.taken[shipment.number]
        for consumer in sorted({*shipment.consumers, *taken}):
            page.count(_complaint(shipment, consumer, list(taken[consumer].values()), handed))
    return page


def _complaint(shipment: Shipment, consumer: AuthorityId, digests: list[str], handed: Handed | None) -> str:
    """What is wrong with what one consumer has; empty when nothing is."""
    if consumer not in shipment.consumers:
        return f"{consumer} has {shipment.number}, which is not for it" if digests else ""
    if len(digests) != 1:
        return f"{consumer} has {shipment.number} {len(digests)} times"
    if handed is None or digests[0] != handed.digest:
        return f"{consumer} has other bytes of {shipment.number} than were accepted"
    return ""


async def _receipted(shipments: Sequence[Shipment], ledger: Ledger, places: Places) -> Page:
    """Step 3."""
    page = Page("receipts", "each sender with a valid receipt")
    for shipment in shipments:
        handed = ledger.handed.get(shipment.number)
        if handed is None:
            continue
        async with places.desks[places.homes[shipment.issuer]].read() as transaction:
            deliveries = [
                each
                for each in await transaction.deliveries.of_conversation(handed.submission)
                if each.partner
            ]
            reached = {places.homes[consumer] for consumer in shipment.consumers}
            abroad = reached - {places.homes[shipment.issuer]}
            if {each.partner for each in deliveries} != abroad:
                page.count(f"{shipment.number} went to {[each.partner for each in deliveries]}")
            for delivery in deliveries:
                page.count(await _receipt_complaint(delivery, handed, places, transaction))
    return page


async def _receipt_complaint(
    delivery: DeliveryRecord, handed: Handed, places: Places, transaction: DatabaseTransaction
) -> str:
    """What is wrong with the receipt of a delivery; empty when it proves what it should."""
    who = f"the receipt of {delivery.partner} for {delivery.permit}"
    message = await transaction.messages.find(Direction.OUT, delivery.sender, delivery.message_id)
    if message is None or message.receipt is None:
        return f"{who} is missing; the delivery is {delivery.state}: {delivery.error}"
    try:
        proven = verify(parse(message.receipt), places.certificates[delivery.partner], at=clock.now())
        receipt = receipts.read(proven.root)
    except GatewayError as error:
        return f"{who} proves nothing: {error.message}"
    about = (receipt.message_id, receipt.envelope_digest, receipt.payload_digest)
    if about != (message.message_id, message.envelope_digest, handed.digest):
        return f"{who} is about something else"
    return "" if receipt.outcome.accepted else f"{who} says {receipt.outcome}"


async def _logged(shipments: Sequence[Shipment], places: Places) -> Page:
    """Step 4."""
    page = Page("logs", "each log whole")
    wanted = {shipment.number for shipment in shipments}
    told: dict[tuple[str, str], Counter[tuple[EntryKind, str]]] = defaultdict(Counter)
    for name, database in places.desks.items():
        async for entry in _entries(database):
            if entry.number in wanted and entry.outcome not in _NO_STEP:
                about = (
                    entry.partner if entry.kind in (EntryKind.SENT, EntryKind.RECEIVED) else entry.authority
                )
                told[name, entry.number][entry.kind, about] += 1
    for shipment in shipments:
        for gateway, kind, about in _steps(shipment, places.homes):
            times = told[gateway, shipment.number][kind, about]
            whose = f"the log of {gateway} tells {shipment.number}"
            page.count("" if times == 1 else f"{whose} {kind} {about} {times} times".replace("  ", " "))
    return page


def _steps(shipment: Shipment, homes: Mapping[AuthorityId, str]) -> Iterable[tuple[str, EntryKind, str]]:
    """What must stand in whose log: gateway, kind, partner or authority."""
    home = homes[shipment.issuer]
    yield home, EntryKind.SUBMITTED, str(shipment.issuer)
    for consumer in shipment.consumers:
        yield homes[consumer], EntryKind.HANDED_OVER, str(consumer)
    for other in {homes[consumer] for consumer in shipment.consumers} - {home}:
        yield home, EntryKind.SENT, other
        yield other, EntryKind.RECEIVED, home


async def _entries(database: Database) -> AsyncIterator[Entry]:
    """The whole message log of a gateway, newest first."""
    query = LogQuery(limit=PAGE)
    while True:
        async with database.read() as transaction:
            found = await transaction.log.search(query)
        for entry in found:
            yield entry
        if len(found) < PAGE:
            return
        query = LogQuery(limit=PAGE, before=found[-1].id)
