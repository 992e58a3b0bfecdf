"""Two gateways of which one only calls out: France is the hub, Switzerland has a mailbox there."""

from dataclasses import dataclass, field, replace

from gateway.errors import PartnerUnreachable
from gateway.exchange.directory import Directory, Partner
from gateway.exchange.mailbox import MailboxPage
from gateway.exchange.records import DeliveryRecord
from gateway.flows.acknowledge import take_receipt
from gateway.flows.issue import issue
from gateway.flows.mailbox import fetch, list_headers
from gateway.flows.ports import Node, Storage, Trail
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA
from support.gateways import SetClock, french, swiss
from support.permits import permit_bytes

SWISS_BOX = Partner("ch", "", (CH_MA, CH_CUSTOMS), mailbox=True)
HUB = Partner(
    "fr",
    "http://fr.invalid/",
    (FR_MA, FR_CUSTOMS),
    mailbox_url="https://fr.invalid/exchange/v1/mailbox",
)


def hub(storage: Storage, clock: SetClock) -> Node:
    """The gateway of France, which keeps a mailbox for that of Switzerland."""
    node = french(storage, clock)
    return replace(node, directory=Directory(node.directory.hosted, {"ch": SWISS_BOX}))


def caller(storage: Storage, clock: SetClock) -> Node:
    """The gateway of Switzerland, which nobody can call."""
    node = swiss(storage, clock)
    return replace(node, directory=Directory(node.directory.hosted, {"fr": HUB}))


async def put(node: Node, number: str = "FR-2026-000001") -> DeliveryRecord:
    """A French permit for Switzerland, issued at the hub; the delivery that waits."""
    permit = permit_bytes(number, exporter="FR", importer="CH")
    issued = await issue(permit, FR_MA, "", node, Trail())
    return next(each for each in issued.deliveries if each.partner == "ch")


@dataclass
class DirectMailbox:
    """Fulfils the port `Mailbox` by calling the flows of the hub; can be told to fail."""

    there: Node
    asked: list[tuple[str, float]] = field(default_factory=list)
    """The cursor and the wait of each question."""
    unreachable: set[str] = field(default_factory=set)
    """Messages whose fetch never gets an answer."""
    spoilt: dict[str, bytes] = field(default_factory=dict)
    """What is given instead of a message."""
    lost: int = 0
    """So many receipts are lost on their way to the hub."""
    receipts: list[bytes] = field(default_factory=list)
    """Those that arrived, and those that were lost."""
    fetched: list[str] = field(default_factory=list)

    async def headers(self, partner: Partner, *, after: str, wait: float) -> MailboxPage:
        """Ask the hub; nobody really waits."""
        self.asked.append((after, wait))
        return await list_headers(
            SWISS_BOX, after=after, limit=2, wait=0, node=self.there, trail=Trail(actor="ch", partner="ch")
        )

    async def fetch(self, partner: Partner, message_id: str) -> bytes:
        """One envelope."""
        self.fetched.append(message_id)
        if message_id in self.unreachable:
            raise PartnerUnreachable("no answer")
        message = await fetch(SWISS_BOX, message_id, self.there, Trail(actor="ch", partner="ch"))
        return self.spoilt.get(message_id, message.envelope)

    async def acknowledge(self, partner: Partner, message_id: str, receipt: bytes) -> None:
        """Hand the receipt over."""
        self.receipts.append(receipt)
        if self.lost:
            self.lost -= 1
            raise PartnerUnreachable("the receipt was lost")
        await take_receipt(receipt, SWISS_BOX, message_id, self.there, Trail(actor="ch", partner="ch"))
