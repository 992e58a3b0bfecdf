"""The feed of an authority: what is in it, waiting for it, acknowledging."""

import asyncio

import pytest
from support.exchange import CH_MA, FR_CUSTOMS, FR_MA, ids
from support.gateways import log_of
from support.happenings import arrive, change, endorse, events_of, notice_envelope, reverse

from gateway.errors import NotFound, TooManyCallers
from gateway.flows import events as feed
from gateway.flows.bells import MAX_CALLERS
from gateway.flows.event_content import document_of
from gateway.flows.events import acknowledge_events, list_events
from gateway.flows.ports import Node, Trail
from gateway.flows.receive import receive
from gateway.permits.notices import PermitStatus
from gateway.signatures.keyring import TrustStore

PATIENCE = 10.0


async def shown(node: Node, after: str = "", limit: int = 100, wait: float = 0):
    """The feed of the Management Authority of France."""
    return await list_events(FR_MA, after=after, limit=limit, wait=wait, node=node)


async def test_an_arrival_as_a_cloud_event(fr: Node) -> None:
    """Every attribute, and what is left of the permit now."""
    await arrive(fr)
    (event,) = await events_of(fr, FR_MA)
    (told,) = await shown(fr)
    now = fr.clock.now().isoformat()
    assert told == {
        "specversion": "1.0",
        "id": event.id,
        "source": "urn:ecites-gateway:events:FR:MA",
        "type": "permit.arrived",
        "time": now,
        "subject": "CH CH-2026-000123",
        "datacontenttype": "application/json",
        "data": {
            "by": "CH:MA",
            "issuer": "CH",
            "number": "CH-2026-000123",
            "inbox_item": event.about,
            "permit": {
                "as_of": now,
                "status": "issued",
                "balances": [
                    {
                        "line": "A",
                        "unit": None,
                        "authorised": "40",
                        "exported": "0",
                        "imported": "0",
                        "dead": "0",
                        "left": "40",
                    }
                ],
            },
        },
    }


async def test_notices_are_told_with_what_they_say(fr: Node) -> None:
    """An endorsement, its reversal, a change of status; the balance is that of now, not of then."""
    await arrive(fr)
    given = await endorse(fr)
    _, endorsed = await shown(fr)
    assert endorsed["data"]["notice"]["id"] == given.notice.id
    assert endorsed["data"]["notice"]["lines"] == [{"line": "A", "quantity": "25", "unit": None, "dead": "0"}]
    assert endorsed["data"]["permit"]["balances"][0]["imported"] == "25"
    await reverse(fr, given.notice.id)
    notice = change(fr.clock.new_id(), CH_MA, fr.clock.now(), status=PermitStatus.SUSPENDED)
    await receive(notice_envelope(notice), fr, Trail())
    told = await shown(fr)
    assert [each["data"].get("notice", {}).get("kind") for each in told] == [
        None,
        "Endorsement",
        "Reversal",
        "StatusChange",
    ]
    assert {each["data"]["permit"]["status"] for each in told} == {"suspended"}
    assert told[1]["data"]["permit"]["balances"][0]["imported"] == "0"


async def test_a_permit_that_is_not_here_or_not_proven_is_none(fr: Node) -> None:
    """What happened is told all the same."""
    notice = change(fr.clock.new_id(), CH_MA, fr.clock.now(), status=PermitStatus.SUSPENDED)
    await receive(notice_envelope(notice), fr, Trail())
    (told,) = await shown(fr)
    assert told["data"]["permit"] is None
    assert told["data"]["notice"]["status"] == "suspended"
    await arrive(fr)
    assert (await shown(fr))[0]["data"]["permit"]["status"] == "suspended"
    fr.trust = TrustStore({})
    assert [each["data"]["permit"] for each in await shown(fr)] == [None, None]


async def test_the_documents_are_the_bytes_that_came(fr: Node) -> None:
    """The permit for an arrival, the notice for a notice; an event about nothing has none."""
    await arrive(fr)
    given = await endorse(fr)
    arrived, endorsed = await events_of(fr, FR_MA)
    async with fr.storage.read() as transaction:
        permit = await transaction.permits.find(arrived.permit)
        notice = await transaction.notices.get(given.notice.by, given.notice.id)
    assert permit is not None
    assert notice is not None
    assert await document_of(arrived, fr) == permit.original
    assert await document_of(endorsed, fr) == notice.document
    fr.storage.state.notices.clear()
    with pytest.raises(NotFound):
        await document_of(endorsed, fr)


async def test_pages(fr: Node) -> None:
    """So many after a cursor."""
    await arrive(fr)
    for _ in range(2):
        given = await endorse(fr, quantity="1")
        await reverse(fr, given.notice.id)
    every = [each["id"] for each in await shown(fr)]
    assert len(every) == 5
    first = [each["id"] for each in await shown(fr, limit=2)]
    assert first + [each["id"] for each in await shown(fr, after=first[-1])] == every


async def test_what_is_acknowledged_leaves_the_feed(fr: Node) -> None:
    """It is logged with the permit, and doing it again changes nothing."""
    await arrive(fr)
    (event,) = await shown(fr)
    for _ in range(2):
        await acknowledge_events(FR_MA, [event["id"]], fr, Trail(actor="FR:MA", authority="FR:MA"))
    assert await shown(fr) == []
    assert len(await list_events(FR_CUSTOMS, after="", limit=9, wait=0, node=fr)) == 1
    entries = await log_of(fr, outcome="event-acknowledged", number="CH-2026-000123")
    assert {(each.authority, each.message_id) for each in entries} == {("FR:MA", event["id"])}


async def test_all_or_none_are_acknowledged(fr: Node) -> None:
    """An id that is not the caller's is named, and the others stay in the feed."""
    await arrive(fr)
    (event,) = await shown(fr)
    (foreign,) = await events_of(fr, FR_CUSTOMS)
    for strange in (foreign.id, ids(1)[0]):
        with pytest.raises(NotFound, match=strange):
            await acknowledge_events(FR_MA, [event["id"], strange], fr, Trail())
    assert await shown(fr) == [event]


async def held(node: Node, count: int = 1) -> None:
    """Until so many callers wait."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if node.mailboxes.count("FR:MA") >= count:
                return
            await asyncio.sleep(0)


async def test_a_caller_that_waits_is_answered_when_something_happens(
    fr: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the bell, after the transaction is on disk: it would look again after 1,000 s only."""
    monkeypatch.setattr(feed, "POLL_SECONDS", 1000.0)
    waiting = asyncio.create_task(shown(fr, wait=1000.0))
    await held(fr)
    await arrive(fr)
    async with asyncio.timeout(PATIENCE):
        (arrived,) = await waiting
    waiting = asyncio.create_task(shown(fr, after=arrived["id"], wait=1000.0))
    await held(fr)
    await endorse(fr)
    async with asyncio.timeout(PATIENCE):
        assert [each["type"] for each in await waiting] == ["permit.endorsed"]


async def test_a_caller_that_waits_in_vain_gets_nothing(fr: Node) -> None:
    """The end of its time is an empty page."""
    assert await shown(fr, wait=0.01) == []


async def test_only_so_many_wait(fr: Node) -> None:
    """One more is turned away; those that wait are answered when the gateway stops."""
    waiting = [asyncio.create_task(shown(fr, wait=1000.0)) for _ in range(MAX_CALLERS)]
    await held(fr, MAX_CALLERS)
    with pytest.raises(TooManyCallers):
        await shown(fr, wait=1.0)
    fr.mailboxes.close()
    async with asyncio.timeout(PATIENCE):
        assert await asyncio.gather(*waiting) == [[]] * MAX_CALLERS
