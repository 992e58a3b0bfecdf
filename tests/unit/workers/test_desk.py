"""Small documents are examined at once, large ones in a thread, and no side can take the other's places."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from gateway.errors import GatewayBusy, NotXML
from gateway.workers import desk as desk_module
from gateway.workers.desk import LARGE_ATTRIBUTES, LARGE_BYTES, LARGE_MARKUP, ThreadDesk, is_large

SMALL = b"<a/>"
LARGE = b"<a>" + b" " * LARGE_BYTES + b"</a>"


class Gate:
    """Work that says when it has begun, and ends when it is let go."""

    def __init__(self) -> None:
        """Closed."""
        self.begun, self.free = threading.Event(), threading.Event()

    def examine(self) -> int:
        """Wait to be let go; returns the thread in which that was."""
        self.begun.set()
        assert self.free.wait(60)
        return threading.get_ident()


@pytest.fixture
async def desk() -> AsyncIterator[ThreadDesk]:
    made = ThreadDesk()
    yield made
    made.close()


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.free.set()


async def begun(gate: Gate) -> None:
    """Wait, without holding the loop, until the work behind a gate has begun."""
    assert await asyncio.to_thread(gate.begun.wait, 60)


async def test_a_small_document_is_examined_in_the_loop(desk: ThreadDesk) -> None:
    """Nothing is handed over for it."""
    assert await desk.run(SMALL, threading.get_ident) == threading.get_ident()


async def test_a_large_document_is_examined_outside_the_loop(desk: ThreadDesk) -> None:
    """Each side has a thread of its own, and neither is that of the loop."""
    known = await desk.run(LARGE, threading.get_ident)
    stranger = await desk.run(LARGE, threading.get_ident, stranger=True)
    assert len({known, stranger, threading.get_ident()}) == 3


@pytest.mark.parametrize(
    ("below", "at"),
    [
        (b"x" * (LARGE_BYTES - 1), b"x" * LARGE_BYTES),
        (b"<b></b>" * (LARGE_MARKUP - 1), b"<b></b>" * LARGE_MARKUP),
        (b"<b/>" * (LARGE_MARKUP - 1), b"<b/>" * LARGE_MARKUP),
        (b"<b" + b' c=""' * (LARGE_ATTRIBUTES - 1), b"<b" + b' c=""' * LARGE_ATTRIBUTES),
    ],
    ids=["bytes", "elements", "empty elements", "attributes"],
)
def test_what_is_large(below: bytes, at: bytes) -> None:
    """Many bytes make a document large, and so do many elements or attributes in few."""
    assert not is_large(below)
    assert is_large(at)


async def test_the_loop_serves_others_meanwhile(desk: ThreadDesk, gate: Gate) -> None:
    """While a large document is examined, a small one is."""
    large = asyncio.create_task(desk.run(LARGE, gate.examine))
    await begun(gate)
    assert await desk.run(SMALL, lambda: "done") == "done"
    assert not large.done()
    gate.free.set()
    assert await large != threading.get_ident()


async def test_an_error_arrives_as_it_was_raised(desk: ThreadDesk) -> None:
    """The caller meets the same error at every size."""

    def refuse() -> None:
        raise NotXML("no")

    for data in (SMALL, LARGE):
        with pytest.raises(NotXML, match="no"):
            await desk.run(data, refuse)


async def test_the_correlation_id_is_known_in_the_thread(desk: ThreadDesk) -> None:
    """What is logged there belongs to the request."""
    with structlog.contextvars.bound_contextvars(correlation_id="c-1"):
        assert (await desk.run(LARGE, structlog.contextvars.get_contextvars))["correlation_id"] == "c-1"


async def test_one_more_than_the_places_is_turned_away(
    desk: ThreadDesk, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The places are bounded; known callers have their own, and a place that is left can be taken again."""
    monkeypatch.setattr(desk_module, "PLACES", 2)
    desk = ThreadDesk()
    waiting = [asyncio.create_task(desk.run(LARGE, gate.examine, stranger=True)) for _ in range(2)]
    await begun(gate)
    with pytest.raises(GatewayBusy) as error:
        await desk.run(LARGE, gate.examine, stranger=True)
    assert error.value.advice
    assert await desk.run(LARGE, lambda: "known") == "known"
    assert await desk.run(SMALL, lambda: "small", stranger=True) == "small"
    gate.free.set()
    await asyncio.gather(*waiting)
    assert await desk.run(LARGE, lambda: "again", stranger=True) == "again"
    desk.close()


async def test_a_caller_who_goes_away_frees_the_place_when_the_work_ends(
    desk: ThreadDesk, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits is never begun; what has begun keeps its place, because the thread is still at it."""
    monkeypatch.setattr(desk_module, "PLACES", 2)
    desk = ThreadDesk()
    second = Gate()
    running = asyncio.create_task(desk.run(LARGE, gate.examine))
    await begun(gate)
    waiting = asyncio.create_task(desk.run(LARGE, second.examine))
    await asyncio.sleep(0)  # lets it take its place
    for task in (waiting, running):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    third = asyncio.create_task(desk.run(LARGE, lambda: "third"))
    await asyncio.sleep(0)
    with pytest.raises(GatewayBusy):
        await desk.run(LARGE, lambda: "fourth")
    gate.free.set()
    assert await third == "third"
    assert not second.begun.is_set()
    desk.close()
