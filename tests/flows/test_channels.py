"""What is agreed with a partner: kinds of messages, message versions, copies, and who acts for whom."""

from dataclasses import replace

import pytest
from support.exchange import CH_MA, FR_CUSTOMS, FR_MA, REF
from support.gateways import envelope, gateway_key, header, log_of, stated
from support.keys import seal
from support.notices import endorsement, notice_envelope, written
from support.permits import permit_bytes

from gateway.clock import new_id
from gateway.errors import IdentityMismatch, SignatureRefused
from gateway.exchange.channels import Allowed, Channel, ChannelRule
from gateway.exchange.directory import Directory, Partner
from gateway.exchange.events import EventKind
from gateway.exchange.message import Kind
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import Direction
from gateway.flows.inboxes import list_waiting
from gateway.flows.issue import issue
from gateway.flows.ports import Node, Trail
from gateway.flows.receive import receive
from gateway.messagelog.entry import EntryKind
from gateway.permits.identity import AuthorityId
from gateway.signatures.keyring import TrustStore

DE_MA = AuthorityId.parse("DE:MA")
IT_MA = AuthorityId.parse("IT:MA")


def agreed(node: Node, partner: str, *others: Partner, **changes: object) -> Node:
    """A node that has agreed something with a partner, and knows some more."""
    known = dict(node.directory.partners)
    known[partner] = replace(known[partner], **changes)
    known |= {other.id: other for other in others}
    return replace(node, directory=Directory(node.directory.hosted, known))


def hosting(node: Node, authority: AuthorityId) -> Node:
    """A node behind which one more authority lives."""
    return replace(node, directory=replace(node.directory, hosted=node.directory.hosted | {authority}))


async def waiting(node: Node, authority: AuthorityId) -> list[str]:
    """The numbers that wait for an authority."""
    items = await list_waiting(authority, after="", limit=10, node=node)
    return [item.permit.number for item in items]


async def outgoing(node: Node, conversation: str) -> list[tuple[str, str]]:
    """Partner and recipient of what is queued."""
    async with node.storage.read() as transaction:
        found = await transaction.deliveries.of_conversation(conversation)
    return [(each.partner, str(each.recipient)) for each in found]


async def test_a_kind_that_is_not_allowed_is_refused_with_a_receipt(fr: Node) -> None:
    """The partner is told in a signed receipt; nothing of the permit is kept."""
    closed = agreed(fr, "ch", allowed=(Allowed(Direction.OUT, "permit"), Allowed(Direction.IN, "test")))
    receipt = stated(await receive(envelope(), closed, Trail()))
    assert receipt.outcome is Outcome.REFUSED
    assert [finding.rule for finding in receipt.findings] == ["exchange.kind-not-allowed"]
    assert await waiting(closed, FR_MA) == []


async def test_a_test_message_is_examined_and_delivered_to_nobody(fr: Node) -> None:
    """It gets the receipt that a permit would get; neither inbox nor store knows of the permit."""
    receipt = stated(await receive(envelope(kind=Kind.TEST), fr, Trail()))
    assert receipt.outcome is Outcome.ACCEPTED
    assert await waiting(fr, FR_MA) == []
    assert await waiting(fr, FR_CUSTOMS) == []
    async with fr.storage.read() as transaction:
        assert await transaction.permits.find(header().permit) is None
    assert [entry.kind for entry in await log_of(fr)] == [EntryKind.TESTED]


async def test_a_test_message_with_a_bad_seal_is_refused_like_a_permit(fr: Node) -> None:
    """What a test says of a partner's keys is what a permit would have said."""
    unknown = replace(fr, trust=TrustStore({"ch": (gateway_key("CH").certificate,), "CH:MA": ()}))
    receipt = stated(await receive(envelope(kind=Kind.TEST), unknown, Trail()))
    assert receipt.outcome is Outcome.REFUSED


async def test_a_test_message_again_gets_the_same_receipt(fr: Node) -> None:
    """Promise 2 holds for tests too."""
    data = envelope(kind=Kind.TEST)
    first = await receive(data, fr, Trail())
    assert await receive(data, fr, Trail()) == first


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"versions": ("v1",)}, "routing.version-not-read"),
        ({"allowed": (Allowed(Direction.IN, "permit"),)}, "routing.kind-not-taken"),
    ],
    ids=["version", "kind"],
)
async def test_nothing_is_sent_that_a_partner_does_not_take(
    ch: Node, changes: dict[str, object], rule: str
) -> None:
    """The submission says who does not receive the permit and why; nothing waits for that partner."""
    issued = await issue(permit_bytes(), CH_MA, "", agreed(ch, "fr", **changes), Trail())
    assert rule in [finding.rule for finding in issued.submission.findings]
    assert [delivery.partner for delivery in issued.deliveries if delivery.partner] == []


async def test_a_version_that_the_partner_reads_is_sent(ch: Node) -> None:
    """The other side of the border."""
    issued = await issue(permit_bytes(), CH_MA, "", agreed(ch, "fr", versions=("v2",)), Trail())
    assert [delivery.partner for delivery in issued.deliveries if delivery.partner] == ["fr"]


async def test_a_copy_goes_to_an_authority_that_lives_here(fr: Node) -> None:
    """A Party that the permit does not name receives what comes from the partner, because a rule says so."""
    here = hosting(agreed(fr, "ch", channels=(Channel(ChannelRule.FORWARD_COPY, DE_MA),)), DE_MA)
    await receive(envelope(), here, Trail())
    assert len(await waiting(here, DE_MA)) == 1
    assert len(await waiting(here, FR_MA)) == 1


async def test_without_a_rule_nobody_else_may_be_addressed(fr: Node) -> None:
    """Promise 4: the recipient is of a Party that the permit names, or a forward rule covers it."""
    here = hosting(fr, DE_MA)
    refused = stated(await receive(envelope(recipient=DE_MA), here, Trail()))
    assert [finding.rule for finding in refused.findings] == ["identity.recipient"]
    ruled = agreed(here, "ch", channels=(Channel(ChannelRule.FORWARD_COPY, DE_MA),))
    assert stated(await receive(envelope(recipient=DE_MA), ruled, Trail())).outcome is Outcome.ACCEPTED
    assert len(await waiting(ruled, DE_MA)) == 1


async def test_a_copy_goes_on_to_another_partner(fr: Node) -> None:
    """The copy is queued with the permit, in one transaction, with the sender and the conversation it had."""
    rung = []
    italy = Partner("it", "http://it.invalid/", (IT_MA,))
    hub = agreed(fr, "ch", italy, channels=(Channel(ChannelRule.FORWARD_COPY, IT_MA),))
    hub = replace(hub, wake=lambda: rung.append(True))
    conversation = new_id(fr.clock.now())
    data = envelope(conversation_id=conversation)
    await receive(data, hub, Trail())
    assert await outgoing(hub, conversation) == [("it", "IT:MA")]
    assert rung
    await receive(data, hub, Trail())
    assert await outgoing(hub, conversation) == [("it", "IT:MA")]


async def test_what_becomes_of_a_permit_goes_where_its_copies_go(fr: Node) -> None:
    """A notice follows the rule of the permit, also when it overtakes the permit, with the sender it had."""
    italy = Partner("it", "http://it.invalid/", (IT_MA,))
    hub = agreed(fr, "ch", italy, channels=(Channel(ChannelRule.FORWARD_COPY, IT_MA),))
    for number in range(2):
        conversation = new_id(fr.clock.now())
        made = endorsement(written("1"), id=f"019ab3f0-0000-7000-8000-00000000000{number}")
        await receive(notice_envelope(made, conversation_id=conversation), hub, Trail())
        assert await outgoing(hub, conversation) == [("it", "IT:MA")]
        await receive(envelope(), hub, Trail())


async def test_who_lives_here_and_holds_a_copy_hears_what_becomes_of_it(fr: Node) -> None:
    """Its Party does not stand in the permit; the Parties that do need no such note."""
    here = hosting(agreed(fr, "ch", channels=(Channel(ChannelRule.FORWARD_COPY, DE_MA),)), DE_MA)
    await receive(envelope(), here, Trail())
    async with here.storage.read() as transaction:
        assert await transaction.notices.viewers(REF) == [DE_MA]
    await receive(notice_envelope(endorsement(written("1"))), here, Trail())
    async with here.storage.read() as transaction:
        told = await transaction.events.waiting(DE_MA, after="", limit=10)
    assert EventKind.ENDORSED in [event.kind for event in told]


async def test_a_copy_of_a_copy_is_not_made(fr: Node) -> None:
    """What a partner passes on for an authority that lives elsewhere goes no further, else never ends."""
    italy = Partner("it", "http://it.invalid/", (IT_MA,))
    hub = Partner(
        "hub",
        "http://hub.invalid/",
        (),
        channels=(Channel(ChannelRule.FORWARD_COPY, IT_MA), Channel(ChannelRule.ACT_FOR, CH_MA)),
    )
    key = seal("hub gateway", "CH")
    trust = TrustStore({**fr.trust.by_owner, "hub": (key.certificate,)})
    node = replace(agreed(fr, "ch", italy, hub), trust=trust)
    conversation = new_id(fr.clock.now())
    receipt = stated(await receive(envelope(key=key, conversation_id=conversation), node, Trail()))
    assert receipt.outcome is Outcome.ACCEPTED
    assert await outgoing(node, conversation) == []


async def test_who_acts_for_an_authority_may_send_for_it(fr: Node) -> None:
    """The log names the gateway that signed, not the one behind which the sender lives."""
    key = seal("hub gateway", "CH")
    hub = Partner("hub", "http://hub.invalid/", (), channels=(Channel(ChannelRule.ACT_FOR, CH_MA),))
    trust = TrustStore({**fr.trust.by_owner, "hub": (key.certificate,)})
    with pytest.raises(SignatureRefused):
        await receive(envelope(key=key), replace(fr, trust=trust), Trail())
    node, trail = replace(agreed(fr, "ch", hub), trust=trust), Trail()
    assert stated(await receive(envelope(key=key), node, trail)).outcome is Outcome.ACCEPTED
    assert trail.partner == "hub"
    assert stated(await receive(envelope(), node, trail)).outcome is Outcome.ACCEPTED
    assert trail.partner == "ch"


async def test_who_acts_for_an_authority_shows_its_own_tls_certificate(fr: Node) -> None:
    """With two speakers, the connection must be that of the one that signed."""
    key, theirs, ours = seal("hub gateway", "CH"), seal("ch tls", "CH"), seal("hub tls", "CH")
    hub = Partner("hub", "http://hub.invalid/", (), channels=(Channel(ChannelRule.ACT_FOR, CH_MA),))
    node = replace(
        agreed(fr, "ch", hub),
        trust=TrustStore({**fr.trust.by_owner, "hub": (key.certificate,)}),
        tls=TrustStore({"ch": (theirs.certificate,), "hub": (ours.certificate,)}),
    )
    with pytest.raises(IdentityMismatch):
        await receive(envelope(key=key), node, Trail(tls=theirs.certificate))
    assert await receive(envelope(key=key), node, Trail(tls=ours.certificate))


async def test_what_is_for_an_authority_without_a_gateway_goes_to_who_acts_for_it(ch: Node) -> None:
    """Customs of France live behind no gateway here; a hub takes what is for them."""
    hub = Partner("hub", "http://hub.invalid/", (), channels=(Channel(ChannelRule.ACT_FOR, FR_CUSTOMS),))
    node = agreed(ch, "fr", hub, authorities=(FR_MA,))
    issued = await issue(permit_bytes(), CH_MA, "", node, Trail())
    there = {(each.partner, str(each.recipient)) for each in issued.deliveries if each.partner}
    assert there == {("fr", "FR:MA"), ("hub", "FR:CUSTOMS")}
