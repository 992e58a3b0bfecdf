"""A partner that does not take what is sent to it: given up after its time, and told apart from silence."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import pytest
from support.exchange import FR_MA

from gateway.errors import PartnerAnsweredWrongly, PartnerUnreachable
from gateway.exchange.directory import Partner
from gateway.transport.mailbox import HttpMailbox
from gateway.transport.rest import TransportSettings
from gateway.transport.tls import ClientTls

LARGE = b"<envelope>" + b" " * 16 * 1024 * 1024 + b"</envelope>"
"""More than the buffers of two systems hold, whatever they grow to."""
PATIENCE = 10.0
LONG = 600.0
"""Longer than a test waits: it cannot be what has ended an exchange."""


@pytest.fixture
def deaf() -> Iterator[socket.socket]:
    """A port that accepts connections, with a small buffer, and never reads."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening


def partner_at(listening: socket.socket) -> Partner:
    """France, behind that port; it has a mailbox for us there too."""
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    return Partner("fr", f"{address}/messages", (FR_MA,), mailbox_url=f"{address}/mailbox")


async def test_a_partner_that_does_not_read_is_given_up_while_we_send(deaf, open_courier):
    """It accepts the connection, its window closes, and after send_seconds the sentence says just that."""
    courier = await open_courier(send_seconds=0.3, answer_seconds=LONG)
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(PartnerUnreachable, match=r"take our 16,777,\d+ bytes within 0\.3 s") as lost:
            await courier.carry(partner_at(deaf), LARGE)
    assert lost.value.fields["stage"] == "send"
    assert "send_seconds" in lost.value.advice


async def test_the_whole_exchange_is_bounded_while_we_send_too(deaf, open_courier):
    """Where answer_seconds are fewer than send_seconds they end it, and it is still told as sending."""
    courier = await open_courier(send_seconds=PATIENCE, answer_seconds=0.3)
    with pytest.raises(PartnerUnreachable, match=r"did not take .* within 0\.3 s") as lost:
        await courier.carry(partner_at(deaf), LARGE)
    assert lost.value.fields["stage"] == "send"


async def test_what_was_taken_and_is_not_answered_is_silence(deaf, open_courier):
    """A message that fits into the buffers is sent: what is missing then is the answer."""
    courier = await open_courier(send_seconds=PATIENCE, answer_seconds=0.3)
    with pytest.raises(PartnerUnreachable, match=r"did not answer within 0\.3 s") as lost:
        await courier.carry(partner_at(deaf), b"<envelope/>")
    assert lost.value.fields["stage"] == "answer"


async def test_a_connection_that_nobody_accepts(open_courier):
    """A machine that lets callers wait at its door is given up after connect_seconds."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):  # they fill the queue, so that the next one is not even accepted by the system
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        courier = await open_courier(connect_seconds=0.3, answer_seconds=LONG)
        with pytest.raises(PartnerUnreachable, match=r"did not accept a connection within 0\.3 s") as lost:
            await courier.carry(partner_at(listening), LARGE)
    assert lost.value.fields["stage"] == "connect"


async def test_a_no_that_comes_while_we_send_is_heard(stack, open_courier):
    """A partner that refuses by the head alone is heard at once, although it never reads the rest."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        await closed.wait()
        writer.close()

    closed = asyncio.Event()
    listening = stack.enter_context(socket.socket())
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listening.bind(("127.0.0.1", 0))
    server = await asyncio.start_server(refuse, sock=listening, limit=4096)
    stack.callback(server.close)
    stack.callback(closed.set)
    courier = await open_courier(send_seconds=1.0, answer_seconds=LONG)
    with pytest.raises(PartnerAnsweredWrongly) as refused:
        await courier.carry(partner_at(listening), LARGE)
    assert refused.value.fields["status"] == 413


async def test_a_mailbox_that_does_not_take_our_receipt(deaf):
    """Whoever keeps a mailbox for us has the same time to take what we send there."""
    settings = TransportSettings(send_seconds=0.3, answer_seconds=LONG)
    async with HttpMailbox(settings, ClientTls, lambda _: "t") as client:
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(PartnerUnreachable, match=r"did not take .* within 0\.3 s"):
                await client.acknowledge(partner_at(deaf), "m", LARGE)


@pytest.mark.parametrize("key", ["connect_seconds", "send_seconds", "answer_seconds"])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_times_in_which_nothing_can_be_sent_are_refused(key, value):
    """Zero, less than nothing and no number at all are refused, and the sentence names the setting."""
    with pytest.raises(ValueError, match=f"{key} must be more than 0"):
        TransportSettings(**{key: value})
