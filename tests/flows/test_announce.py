"""Who is told of what happened to a permit, and that it is told with it or not at all."""

from dataclasses import replace
from functools import partial

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA, REF
from support.gateways import envelope
from support.happenings import (
    arrive,
    change,
    endorse,
    endorsement,
    events_of,
    notice_envelope,
    reverse,
)
from support.memory import MemoryStorage
from support.permits import permit_bytes

from gateway.errors import StorageError, UseRefused
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.directory import Directory
from gateway.exchange.events import EventKind
from gateway.exchange.webhooks import Webhook
from gateway.flows.inboxes import list_waiting
from gateway.flows.issue import issue
from gateway.flows.ports import Node, Trail
from gateway.flows.receive import receive
from gateway.permits.identity import AuthorityId
from gateway.permits.notices import PermitStatus, Side

DE_CUSTOMS = AuthorityId.parse("DE:CUSTOMS")
HUB = AuthorityId.parse("FR:HUB")


async def kinds(node: Node, authority: AuthorityId) -> list[EventKind]:
    """What an authority was told, oldest first."""
    return [event.kind for event in await events_of(node, authority)]


async def test_a_permit_that_arrives_is_told_to_each_whose_inbox_it_is_in(fr: Node) -> None:
    """Each event names the item of the inbox, the sender and the moment of arrival."""
    await arrive(fr)
    for authority in (FR_MA, FR_CUSTOMS):
        (item,) = await list_waiting(authority, after="", limit=10, node=fr)
        (event,) = await events_of(fr, authority)
        assert (event.kind, event.about, event.permit) == (EventKind.ARRIVED, item.id, REF)
        assert (event.by, event.made_at) == (CH_MA, item.arrived_at)


async def test_a_permit_that_comes_again_is_told_once(fr: Node) -> None:
    """Neither the same message nor the same permit in another message is news."""
    first = envelope()
    for data in (first, first, envelope()):
        await receive(data, fr, Trail())
    assert await kinds(fr, FR_CUSTOMS) == [EventKind.ARRIVED]


async def test_a_permit_that_is_issued_is_told_here(ch: Node) -> None:
    """Customs of the issuing Party hear of it; the authority that issued it does not."""
    await issue(permit_bytes(), CH_MA, "", ch, Trail())
    assert await kinds(ch, CH_CUSTOMS) == [EventKind.ARRIVED]
    assert await kinds(ch, CH_MA) == []


async def test_an_endorsement_is_told_to_the_others(fr: Node) -> None:
    """The author knows it; the Management Authority of the same Party hears of it, and of its reversal."""
    await arrive(fr)
    given = await endorse(fr)
    await reverse(fr, given.notice.id)
    assert await kinds(fr, FR_CUSTOMS) == [EventKind.ARRIVED]
    _, endorsed, reversed_ = await events_of(fr, FR_MA)
    assert (endorsed.kind, endorsed.about, endorsed.by) == (EventKind.ENDORSED, given.notice.id, FR_CUSTOMS)
    assert (reversed_.kind, reversed_.by) == (EventKind.REVERSED, FR_CUSTOMS)


async def test_what_is_refused_is_told_to_nobody(fr: Node) -> None:
    """More than is left cannot be written off."""
    await arrive(fr)
    with pytest.raises(UseRefused):
        await endorse(fr, quantity="41")
    assert await kinds(fr, FR_MA) == [EventKind.ARRIVED]


async def test_a_notice_of_a_partner_is_told_to_both(fr: Node) -> None:
    """Cancelled by Switzerland: both authorities of France hear of it, once, by whatever way it comes."""
    await arrive(fr)
    notice = change(fr.clock.new_id(), CH_MA, fr.clock.now(), status=PermitStatus.CANCELLED)
    for _ in range(2):
        await receive(notice_envelope(notice), fr, Trail())
    for authority in (FR_MA, FR_CUSTOMS):
        assert await kinds(fr, authority) == [EventKind.ARRIVED, EventKind.STATUS_CHANGED]
        assert (await events_of(fr, authority))[1].about == notice.id


async def test_a_notice_before_its_permit_is_told_to_whom_it_is_addressed(fr: Node) -> None:
    """Whom the permit names is not known yet."""
    notice = endorsement(fr.clock.new_id(), CH_CUSTOMS, fr.clock.now(), side=Side.EXPORT)
    await receive(notice_envelope(notice, recipient=FR_CUSTOMS), fr, Trail())
    assert await kinds(fr, FR_CUSTOMS) == [EventKind.ENDORSED]
    assert await kinds(fr, FR_MA) == []


async def test_who_has_asked_is_told_and_a_hub_is_not(fr: Node) -> None:
    """An authority of a third Party hears of a permit that it has asked about, and of no other."""
    fr.directory = Directory(fr.directory.hosted | {DE_CUSTOMS, HUB}, fr.directory.partners)
    await arrive(fr)
    await endorse(fr, quantity="1")
    assert await kinds(fr, DE_CUSTOMS) == []
    async with fr.storage.write() as transaction:
        await transaction.notices.look(REF, DE_CUSTOMS, fr.clock.now())
    notice = change(fr.clock.new_id(), CH_MA, fr.clock.now(), status=PermitStatus.SUSPENDED)
    await receive(notice_envelope(notice), fr, Trail())
    assert await kinds(fr, DE_CUSTOMS) == [EventKind.STATUS_CHANGED]
    assert await kinds(fr, HUB) == []


async def test_an_event_is_kept_with_what_it_tells_or_not_at_all(fr: Node) -> None:
    """A transaction that fails leaves neither the permit nor the event."""
    assert isinstance(fr.storage, MemoryStorage)
    fr.storage.fail_next_writes = 1
    with pytest.raises(StorageError):
        await arrive(fr)
    assert await kinds(fr, FR_CUSTOMS) == []


async def test_a_webhook_gets_a_delivery_for_what_it_wants(fr: Node) -> None:
    """One for each webhook of the authority that wants the kind, in the same transaction."""
    every = Webhook("every", FR_MA, "http://localhost/")
    some = replace(every, name="some", kinds=(EventKind.ENDORSED,))
    other = replace(every, name="other", authority=DE_CUSTOMS)
    fr.webhooks = {each.id: each for each in (every, some, other)}
    await arrive(fr)
    await endorse(fr)
    arrived, endorsed = await events_of(fr, FR_MA)
    assert isinstance(fr.storage, MemoryStorage)
    queued = sorted(
        (each.partner, each.message_id, each.conversation_id, each.state, str(each.recipient))
        for each in fr.storage.state.deliveries.values()
        if each.partner.startswith("webhook:")
    )
    state, who = DeliveryState.QUEUED, "FR:MA"
    assert queued == sorted(
        (hook, event.id, event.id, state, who)
        for hook, event in (
            ("webhook:every", arrived),
            ("webhook:every", endorsed),
            ("webhook:some", endorsed),
        )
    )


async def test_the_worker_is_woken_for_webhooks_alone(fr: Node) -> None:
    """A permit that goes on to nobody wakes it only when there are webhooks."""
    woken = []
    fr.wake = partial(woken.append, 1)
    await arrive(fr)
    assert woken == []
    fr.webhooks = {"webhook:x": Webhook("x", FR_MA, "http://localhost/")}
    await receive(envelope(), fr, Trail())
    assert woken
