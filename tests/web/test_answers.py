"""Large answers count until they are sent: who takes none of them fills no memory, and stops no body."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from support.exchange import CH_CUSTOMS, CH_MA, FR_MA, REF, delivery, message
from support.gateways import log_of
from support.permits import permit_bytes
from support.waiting import until

from gateway.errors import GatewayBusy
from gateway.exchange.delivery import DeliveryState
from gateway.web.answers import room_in, send_held
from gateway.web.places import PLACES, Places

BOX = "/exchange/v1/mailbox"
LARGE = 16_000_000
"""More than the buffers of both ends of a connection hold."""


def places_of(door: Any) -> Places:
    """The places of a served gateway."""
    return door.application[PLACES]


async def put(door: Any, size: int) -> str:
    """A message of so many bytes in the mailbox of Switzerland; returns its path."""
    sent = message(sender=FR_MA, recipient=CH_MA, partner="ch", permit=REF, envelope=b"<" * size)
    waits = delivery(
        sender=FR_MA,
        recipient=CH_MA,
        partner="ch",
        message_id=sent.message_id,
        conversation_id=sent.conversation_id,
        state=DeliveryState.WAITING,
    )
    async with door.database.write() as transaction:
        await transaction.messages.add(sent)
        await transaction.deliveries.add([waits])
    return f"{BOX}/{sent.message_id}"


@asynccontextmanager
async def slow(door: Any, path: str) -> AsyncIterator[asyncio.StreamReader]:
    """A partner that has asked for a message and takes nothing of the answer yet."""
    address = urlsplit(door.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=2**12)
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {door.tokens['ch']}\r\n\r\n"
    writer.write(head.encode())
    try:
        yield reader
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def busy(door: Any, path: str, token: str) -> str:
    """What a refusal for want of room says."""
    status, headers, body = await door.call("GET", path, token=token)
    problem = json.loads(body)
    assert (status, problem["code"], headers["Retry-After"]) == (503, "gateway_busy", "5")
    assert problem["advice"].startswith("ask again")
    return str(problem["detail"])


async def test_a_message_counts_until_it_is_taken(hub: Any) -> None:
    """Its bytes are held while a slow partner takes none of them, and free when it has all."""
    path, places = await put(hub, LARGE), places_of(hub)
    async with slow(hub, path) as reader:
        await until(lambda: places.answers == LARGE, "the answer waits to be taken")
        assert (places.requests, places.bytes) == (0, 0)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert b"x-correlation-id" in head.lower()
        assert await reader.readexactly(LARGE) == b"<" * LARGE
        await until(lambda: places.answers == 0, "its bytes are free")


async def test_a_message_of_a_caller_that_is_gone_is_free(hub: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is held for a connection that is closed, and the server has no mistake to report."""
    path, places = await put(hub, LARGE), places_of(hub)
    async with slow(hub, path):
        await until(lambda: places.answers == LARGE, "the answer waits to be taken")
    await until(lambda: places.answers == 0, "its bytes are free")
    assert (await hub.call("GET", "/healthz"))[0] == 200


class Gone(web.Response):
    """An answer whose connection breaks."""

    async def prepare(self, request: web.BaseRequest) -> Any:
        """Find nobody there."""
        raise ConnectionResetError


async def test_a_connection_that_breaks_is_no_mistake_of_ours() -> None:
    """The answer goes on to where the server finds out that nobody is there; its bytes are free."""
    application = web.Application()
    places = application[PLACES] = Places(9, 100, 1.0)
    request = make_mocked_request("GET", "/", app=application)
    response = Gone()

    async def handler(request: web.Request) -> web.StreamResponse:
        room_in(request)(10)
        assert places.answers == 10
        return response

    assert await send_held(request, handler) is response
    assert places.answers == 0


async def test_one_answer_too_many_is_told_so_and_nothing_is_handed_over(hub: Any) -> None:
    """503 with Retry-After; only what was handed over stands in the log as fetched; later it is given."""
    first, second, places = await put(hub, LARGE), await put(hub, 100), places_of(hub)
    places.most_bytes = 2 * LARGE + 199
    async with slow(hub, first):
        await until(lambda: places.answers == LARGE, "the answer waits to be taken")
        assert "answers" in await busy(hub, second, "ch")
        assert len(await log_of(hub.node, kind="fetched")) == 1
        places.most_bytes += 1
        assert (await hub.call("GET", second, token="ch"))[0] == 200
    await until(lambda: places.answers == 0, "its bytes are free")


async def test_an_inbox_item_counts_too(ch: Any) -> None:
    """The same for an authority that takes a permit."""
    data, places = permit_bytes(), places_of(ch)
    await ch.call("POST", "/api/v1/permits", token="CH:MA", data=data, Content_Type="application/xml")
    async with ch.database.read() as transaction:
        (item,) = await transaction.inboxes.waiting(CH_CUSTOMS, after="", limit=9)
    path = f"/api/v1/inbox/{item.id}"
    with places.answer(places.most_bytes // 2):
        assert "answers" in await busy(ch, path, str(CH_CUSTOMS))
        assert await log_of(ch.node, kind="fetched") == []
    status, headers, _ = await ch.call("GET", path, token=str(CH_CUSTOMS))
    assert status == 200
    status, _, _ = await ch.call("GET", path, token=str(CH_CUSTOMS), If_None_Match=headers["ETag"])
    assert status == 304
    assert places.answers == 0


async def test_answers_leave_room_for_bodies(ch: Any) -> None:
    """While answers fill all that they may, a permit is taken."""
    places = places_of(ch)
    with places.answer(places.most_bytes // 2):
        status, _, _ = await ch.call(
            "POST", "/api/v1/permits", token="CH:MA", data=permit_bytes(), Content_Type="application/xml"
        )
    assert status == 202


@pytest.mark.parametrize(
    ("bodies", "answers", "size", "room"),
    [
        ([], [], 1000, True),
        ([], [30], 20, True),
        ([], [30], 21, False),
        ([60], [], 40, True),
        ([60], [], 41, False),
        ([60], [20], 21, False),
        ([1], [], 51, False),
    ],
    ids=["alone", "half", "over half", "full", "overfull", "both overfull", "not alone"],
)
def test_what_there_is_room_for(bodies: list[int], answers: list[int], size: int, *, room: bool) -> None:
    """Of 100 bytes answers take at most 50, together with bodies at most all; one alone always goes."""
    places = Places(9, 100, 1.0)
    with ExitStack() as taken:
        for each in bodies:
            taken.enter_context(places.place(each))
        for each in answers:
            taken.enter_context(places.answer(each))
        with contextlib.nullcontext() if room else pytest.raises(GatewayBusy), places.answer(size):
            assert places.answers == sum(answers) + size
    assert (places.bytes, places.answers) == (0, 0)


def test_bodies_find_what_answers_leave() -> None:
    """Up to the last byte there is room for a body beside an answer, and not for one more."""
    places = Places(9, 100, 1.0)
    with places.answer(50):
        with places.place(50):
            pass
        with pytest.raises(GatewayBusy), places.place(51):
            pass
