"""Our gateway collects from the mailbox that another one keeps for it."""

from dataclasses import replace

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_MA
from support.gateways import SetClock, log_of
from support.keys import seal
from support.mailboxes import HUB, DirectMailbox, caller, hub, put
from support.memory import MemoryStorage

from gateway.errors import (
    IdentityMismatch,
    NotFound,
    PartnerAnsweredWrongly,
    PartnerUnreachable,
    StorageError,
)
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.mailbox import MailboxHeader
from gateway.exchange.records import DeliveryRecord, Direction
from gateway.flows.collect import collect
from gateway.flows.follow import receipt_of
from gateway.flows.inboxes import list_waiting
from gateway.flows.ports import Node
from gateway.signatures.keyring import TrustStore


@pytest.fixture
def fr(clock: SetClock) -> Node:
    """France, a hub."""
    return hub(MemoryStorage(), clock)


@pytest.fixture
def ch(clock: SetClock) -> Node:
    """Switzerland, which only calls out."""
    return caller(MemoryStorage(), clock)


@pytest.fixture
def box(fr: Node) -> DirectMailbox:
    """The mailbox of Switzerland in France."""
    return DirectMailbox(fr)


async def first(box: DirectMailbox) -> MailboxHeader:
    """The oldest header."""
    return (await box.headers(HUB, after="", wait=0)).headers[0]


async def state(node: Node, delivery: DeliveryRecord) -> DeliveryState:
    """How a delivery stands."""
    async with node.storage.read() as transaction:
        found = await transaction.deliveries.get(delivery.id)
    assert found is not None
    return found.state


async def test_fetched_received_acknowledged(ch: Node, fr: Node, box: DirectMailbox) -> None:
    """The permit is in the Swiss inboxes, the receipt in France, and both name the partner."""
    delivery = await put(fr)
    await collect(await first(box), HUB, ch, box)
    assert await state(fr, delivery) is DeliveryState.DELIVERED
    assert await receipt_of(FR_MA, delivery.id, fr) == box.receipts[0]
    for authority in (CH_MA, CH_CUSTOMS):
        assert len(await list_waiting(authority, after="", limit=9, node=ch)) == 1
    (received,) = await log_of(ch, kind="received")
    assert (received.actor, received.partner, received.message_id) == ("fr", "fr", delivery.message_id)
    assert received.correlation_id


async def test_a_crash_before_the_acknowledgement(ch: Node, fr: Node, box: DirectMailbox) -> None:
    """The message comes again, gets the same receipt byte for byte, and is in the inbox once (promise 2)."""
    delivery = await put(fr)
    box.lost = 1
    with pytest.raises(PartnerUnreachable):
        await collect(await first(box), HUB, ch, box)
    assert await state(fr, delivery) is DeliveryState.WAITING
    again = replace(ch)  # the process after the crash: the same database, nothing else
    await collect(await first(box), HUB, again, box)
    assert box.receipts[0] == box.receipts[1]
    assert await state(fr, delivery) is DeliveryState.DELIVERED
    assert len(await list_waiting(CH_MA, after="", limit=9, node=again)) == 1


async def test_what_cannot_be_received_stays_there(ch: Node, fr: Node, box: DirectMailbox) -> None:
    """An envelope of a gateway whose key we do not believe is turned away without a receipt, and logged."""
    delivery = await put(fr)
    ch.trust = TrustStore({**ch.trust.by_owner, "fr": (seal("another", "FR").certificate,)})
    with pytest.raises(Exception, match="not registered"):
        await collect(await first(box), HUB, ch, box)
    assert box.receipts == []
    assert await state(fr, delivery) is DeliveryState.WAITING
    (refused,) = await log_of(ch, kind="refused")
    assert (refused.outcome, refused.partner) == ("signature_refused", "fr")
    assert refused.message_id == delivery.message_id


async def test_other_bytes_than_were_announced(ch: Node, fr: Node, box: DirectMailbox) -> None:
    """They are not even read."""
    delivery = await put(fr)
    box.spoilt[delivery.message_id] = b"<a/>"
    with pytest.raises(PartnerAnsweredWrongly, match="other bytes"):
        await collect(await first(box), HUB, ch, box)
    assert [entry.outcome for entry in await log_of(ch)] == ["partner_answered_wrongly"]


async def test_our_own_trouble_is_no_refusal(ch: Node, fr: Node, box: DirectMailbox) -> None:
    """A full disk here says nothing about the message."""
    await put(fr)
    ch.storage.fail_next_writes = 1  # type: ignore[attr-defined]
    with pytest.raises(StorageError):
        await collect(await first(box), HUB, ch, box)
    assert await log_of(ch) == []
    assert box.receipts == []


async def test_gone_meanwhile(ch: Node, fr: Node, box: DirectMailbox) -> None:
    """Another process of ours may have been quicker; that is no refusal."""
    await put(fr)
    header = await first(box)
    await collect(header, HUB, ch, box)
    with pytest.raises(NotFound):
        await collect(header, HUB, ch, box)
    assert await log_of(ch, kind="refused") == []


async def test_the_server_that_we_called_is_the_tls_identity(ch: Node, fr: Node, box: DirectMailbox) -> None:
    """Over https the partner is known by its server; over http nobody has shown a certificate."""
    ch.tls = TrustStore({"fr": (seal("fr tls", "FR").certificate,)})
    await put(fr)
    with pytest.raises(IdentityMismatch):
        await collect(await first(box), replace(HUB, mailbox_url="http://127.0.0.1/"), ch, box)
    await collect(await first(box), HUB, ch, box)


async def test_a_stranger_in_the_mailbox_of_the_hub(ch: Node, fr: Node, box: DirectMailbox) -> None:
    """A genuine message of France in the mailbox that Germany keeps for us is not taken."""
    await put(fr)
    with pytest.raises(IdentityMismatch, match="lay in the mailbox that partner de keeps for us"):
        await collect(await first(box), replace(HUB, id="de"), ch, box)
    async with ch.storage.read() as transaction:
        assert await transaction.messages.find(Direction.IN, FR_MA, (await first(box)).message_id) is None
