"""The worker that empties a mailbox: nothing blocks, nothing is hammered, nothing is lost at the end."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from support.exchange import CH_MA
from support.gateways import SetClock, log_of
from support.mailboxes import HUB, DirectMailbox, caller, hub, put
from support.memory import MemoryStorage

from gateway.errors import PartnerAnsweredWrongly, PartnerUnreachable, StorageError
from gateway.exchange.directory import Directory
from gateway.exchange.mailbox import MAX_WAIT_SECONDS
from gateway.exchange.retry import RetryPolicy
from gateway.flows.inboxes import list_waiting
from gateway.flows.mailbox import list_headers
from gateway.flows.ports import Node, Trail
from gateway.workers import collector as module
from gateway.workers import collectors as collectors_module
from gateway.workers.collector import Collector
from gateway.workers.collectors import Collectors

PATIENCE = 10.0


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


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


@pytest.fixture(autouse=True)
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are what the policy says."""
    monkeypatch.setattr(module, "_jitter", lambda: 0.0)


async def inbox(node: Node) -> list[str]:
    """The numbers that the Swiss authority has."""
    return [item.permit.number for item in await list_waiting(CH_MA, after="", limit=99, node=node)]


async def left(box: DirectMailbox) -> list[str]:
    """The message ids that are still in the mailbox."""
    page = await list_headers(
        replace(HUB, id="ch"), after="", limit=99, wait=0, node=box.there, trail=Trail()
    )
    return [header.message_id for header in page.headers]


async def test_everything_is_collected_page_by_page(ch: Node, fr: Node, box: DirectMailbox) -> None:
    """Oldest first; then it waits at the empty mailbox as long as it may."""
    for n in range(5):
        await put(fr, f"FR-{n}")
    await Collector("fr", ch, box).round()
    assert await inbox(ch) == [f"FR-{n}" for n in range(5)]
    assert await left(box) == []
    assert box.asked[-1] == ("", MAX_WAIT_SECONDS)


async def test_a_message_that_cannot_be_received_blocks_nobody(
    ch: Node, fr: Node, box: DirectMailbox, clock: SetClock
) -> None:
    """It is put off and complained about; those behind it come in the same round. Later it is tried again."""
    deliveries = [await put(fr, f"FR-{n}") for n in range(4)]
    bad = deliveries[0].message_id
    box.spoilt[bad] = b"<a/>"
    worker = Collector("fr", ch, box)
    with capture_logs() as logs:
        await worker.round()
    assert await inbox(ch) == ["FR-1", "FR-2", "FR-3"]
    assert await left(box) == [bad]
    (complaint,) = [line for line in logs if line["event"] == "message_put_off"]
    assert (complaint["message_id"], complaint["code"]) == (bad, "partner_answered_wrongly")
    assert complaint["log_level"] == "error"
    await worker.round()
    assert box.fetched.count(bad) == 1
    clock.forward(seconds=ch.retry.first_pause_seconds)
    box.spoilt.clear()
    await worker.round()
    assert await inbox(ch) == ["FR-1", "FR-2", "FR-3", "FR-0"]
    assert worker._put_off == {}


async def test_the_pauses_of_a_bad_message_grow(
    ch: Node, fr: Node, box: DirectMailbox, clock: SetClock
) -> None:
    """By the policy of deliveries; the mailbox is asked to wait no longer than until the next try."""
    bad = (await put(fr)).message_id
    box.spoilt[bad] = b"<a/>"
    worker = Collector("fr", ch, box)
    for seconds in (5, 10, 20, 40):
        await worker.round()
        assert worker._put_off[bad].until - clock.now() == timedelta(seconds=seconds)
        after, wait = box.asked[-1]
        assert after != ""
        assert wait == min(seconds, MAX_WAIT_SECONDS)
        clock.forward(seconds=seconds)
    assert box.fetched.count(bad) == 4


async def test_a_bad_message_that_is_taken_away_is_forgotten(ch: Node, fr: Node, box: DirectMailbox) -> None:
    """The hub's operator has dropped it."""
    delivery = await put(fr)
    box.spoilt[delivery.message_id] = b"<a/>"
    worker = Collector("fr", ch, box)
    await worker.round()
    assert set(worker._put_off) == {delivery.message_id}
    del fr.storage.state.deliveries[delivery.id]  # type: ignore[attr-defined]
    await worker.round()
    assert worker._put_off == {}


async def test_one_message_without_an_answer_is_no_dead_partner(
    ch: Node, fr: Node, box: DirectMailbox
) -> None:
    """It may be too large for the line: those behind it go on. Two in a row end the round."""
    deliveries = [await put(fr, f"FR-{n}") for n in range(4)]
    box.unreachable = {deliveries[0].message_id}
    await Collector("fr", ch, box).round()
    assert await inbox(ch) == ["FR-1", "FR-2", "FR-3"]
    more = [await put(fr, f"FR-{n}") for n in range(4, 8)]
    box.unreachable |= {each.message_id for each in more[:2]}
    with pytest.raises(PartnerUnreachable):
        await Collector("fr", ch, box).round()


async def test_our_own_trouble_ends_the_round(ch: Node, fr: Node, box: DirectMailbox) -> None:
    """A database that fails is no reason to fetch the next message, nor to put this one off."""
    await put(fr, "FR-0")
    await put(fr, "FR-1")
    ch.storage.fail_next_writes = 1  # type: ignore[attr-defined]
    worker = Collector("fr", ch, box)
    with pytest.raises(StorageError):
        await worker.round()
    assert len(box.fetched) == 1
    await worker.round()
    assert await inbox(ch) == ["FR-0", "FR-1"]


async def test_a_mistake_over_one_message_blocks_nobody(
    ch: Node, fr: Node, box: DirectMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is thrown while a message is received, the next one comes."""
    first = (await put(fr, "FR-0")).message_id
    await put(fr, "FR-1")
    collect = module.collect

    async def stumbling(header: object, *rest: object) -> None:
        if header.message_id == first:  # type: ignore[attr-defined]
            raise ZeroDivisionError
        await collect(header, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "collect", stumbling)
    with capture_logs() as logs:
        await Collector("fr", ch, box).round()
    assert await inbox(ch) == ["FR-1"]
    assert [line["event"] for line in logs] == ["message_put_off"]


async def test_too_many_bad_messages(
    ch: Node, fr: Node, box: DirectMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mailbox full of rubbish does not fill our memory: the whole mailbox has to wait."""
    monkeypatch.setattr(module, "MAX_PUT_OFF", 2)
    for n in range(4):
        box.spoilt[(await put(fr, f"FR-{n}")).message_id] = b"<a/>"
    worker = Collector("fr", ch, box)
    with pytest.raises(PartnerAnsweredWrongly, match="cannot be received"):
        await worker.round()
    assert len(worker._put_off) == 2


async def test_a_mailbox_whose_cursor_stands_still(ch: Node, fr: Node, box: DirectMailbox) -> None:
    """It would be asked the same for ever."""
    box.spoilt[(await put(fr)).message_id] = b"<a/>"
    headers = box.headers

    async def still(*arguments: object, after: str, wait: float) -> object:
        page = await headers(*arguments, after="", wait=wait)  # type: ignore[arg-type]
        return replace(page, next=after or "here")

    box.headers = still  # type: ignore[method-assign, assignment]
    with pytest.raises(PartnerAnsweredWrongly, match="stands still"):
        await Collector("fr", ch, box).round()


async def test_a_mailbox_that_keeps_what_was_acknowledged(ch: Node, fr: Node, box: DirectMailbox) -> None:
    """A hub that forgets receipts is complained about, and not asked again without a pause."""
    await put(fr)

    async def forgotten(*_: object) -> None:
        pass

    box.acknowledge = forgotten  # type: ignore[method-assign, assignment]
    worker = Collector("fr", ch, box)
    with capture_logs() as logs:
        await worker.round()
    assert "lies in the mailbox all the same" in logs[0]["error"]
    assert len(box.fetched) == 1


async def cancelled(task: "asyncio.Task[None]") -> None:
    """End a task and wait for it."""
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_failures_of_the_mailbox_wait_longer_and_longer(
    ch: Node, box: DirectMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the policy of deliveries, each told; a mailbox that answers at once is asked once a second."""
    pauses: list[float] = []
    answers = [
        PartnerUnreachable("no"),
        PartnerAnsweredWrongly("401"),
        ZeroDivisionError(),
        None,
        StorageError("x"),
    ]
    enough = asyncio.Event()

    async def slept(seconds: float) -> None:
        pauses.append(round(seconds, 1))
        if len(pauses) == len(answers):
            enough.set()
            await asyncio.Event().wait()

    async def answering(_: object) -> None:
        error = answers[len(pauses)]
        if error is not None:
            raise error

    monkeypatch.setattr(module.asyncio, "sleep", slept)
    monkeypatch.setattr(Collector, "round", answering)
    with capture_logs() as logs:
        task = asyncio.create_task(Collector("fr", ch, box).run())
        async with asyncio.timeout(PATIENCE):
            await enough.wait()
        await cancelled(task)
    assert pauses == [5, 10, 20, 1, 5]
    assert [line["event"] for line in logs] == ["mailbox_not_emptied"] * 4


async def test_the_message_in_hand_is_finished(ch: Node, fr: Node, box: DirectMailbox) -> None:
    """A gateway that stops in the middle of a message acknowledges it first, and takes no other."""
    await put(fr, "FR-0")
    await put(fr, "FR-1")
    reached, go_on = asyncio.Event(), asyncio.Event()
    acknowledge = box.acknowledge

    async def held(*arguments: object) -> None:
        reached.set()
        await go_on.wait()
        await acknowledge(*arguments)  # type: ignore[arg-type]

    box.acknowledge = held  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(Collector("fr", ch, box).run())
    async with asyncio.timeout(PATIENCE):
        await reached.wait()
        task.cancel()
        await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await inbox(ch) == ["FR-0"]
    assert len(await left(box)) == 1


async def test_a_message_that_does_not_end_does_not_hold_up_the_end(
    ch: Node, fr: Node, box: DirectMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub that hangs is left; the message comes again after the next start."""
    monkeypatch.setattr(module, "FINISHING_SECONDS", 0.01)
    await put(fr)
    reached = asyncio.Event()

    async def hanging(*_: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    box.acknowledge = hanging  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(Collector("fr", ch, box).run())
    async with asyncio.timeout(PATIENCE):
        await reached.wait()
        await cancelled(task)
    assert len(asyncio.all_tasks()) == 1


async def until(condition: "object") -> None:
    """Let the others run until something is so."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if condition():  # type: ignore[operator]
                return
            await asyncio.sleep(0.001)


async def test_the_directory_is_followed(
    ch: Node, fr: Node, box: DirectMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partner that begins or ceases to keep a mailbox for us is noticed while the gateway runs."""
    monkeypatch.setattr(collectors_module, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(module, "SHORTEST_ROUND", 0.001)
    here = ch.directory
    ch.directory = Directory(here.hosted, {"fr": replace(HUB, mailbox_url="")})
    await put(fr)
    collectors = Collectors(ch, box)
    task = asyncio.create_task(collectors.run())
    await until(lambda: collectors._followed is ch.directory)
    assert (box.asked, collectors._running) == ([], {})
    ch.directory = here
    await until(lambda: box.receipts)
    assert await inbox(ch) == ["FR-2026-000001"]
    ch.directory = Directory(here.hosted, {})
    await until(lambda: not collectors._running)
    await cancelled(task)
    assert len(asyncio.all_tasks()) == 1


async def test_a_mailbox_here_that_was_taken_away_is_noticed(
    fr: Node, box: DirectMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waited in it is queued; a database that fails meanwhile costs one look."""
    monkeypatch.setattr(collectors_module, "LOOK_SECONDS", 0.001)
    await put(fr)
    woken: list[bool] = []
    fr.wake = lambda: woken.append(True)
    fr.directory = Directory(fr.directory.hosted, {})
    fr.storage.fail_next_writes = 1  # type: ignore[attr-defined]
    with capture_logs() as logs:
        task = asyncio.create_task(Collectors(fr, box).run())
        await until(lambda: woken)
        await cancelled(task)
    assert [line["event"] for line in logs] == ["directory_not_followed"]
    assert [entry.kind for entry in await log_of(fr, kind="failed")] == []


async def test_the_policy_is_that_of_deliveries(ch: Node, fr: Node, box: DirectMailbox) -> None:
    """The operator's own numbers count here too."""
    ch.retry = RetryPolicy(first_pause_seconds=2.0)
    bad = (await put(fr)).message_id
    box.spoilt[bad] = b"<a/>"
    worker = Collector("fr", ch, box)
    await worker.round()
    assert worker._put_off[bad].until == ch.clock.now() + timedelta(seconds=2)
