"""Partners that answer with anything but our receipt: the message waits, and nobody else minds."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest
from support.gateways import gateway_key, stated
from support.keys import seal

from gateway.exchange import receipts
from gateway.exchange.delivery import DeliveryState
from gateway.flows.ports import Trail
from gateway.flows.receive import receive
from gateway.signatures.sign import sign
from gateway.transport.rest import RestCourier, TransportSettings

NUMBER = "CH-2026-000001"
OTHER_ID = "00000000-0000-7000-8000-000000000000"


@dataclass(slots=True)
class ByPartner:
    """Fulfils the port `Courier` with another one for each partner."""

    couriers: dict

    async def carry(self, partner, envelope):
        """Hand over to the partner's own courier."""
        return await self.couriers[partner.id].carry(partner, envelope)


@dataclass(slots=True)
class France:
    """A partner on a real port that takes messages, and answers as it is told to."""

    there: object
    misbehave: Callable[["France", asyncio.StreamWriter, bytes], Awaitable[None]]
    bodies: list[bytes] = field(default_factory=list)
    healed: bool = False
    came: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    """Until then the first answer is kept back."""
    tasks: set = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request."""
        self.tasks.add(asyncio.current_task())
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length:")[2].splitlines()[0])
            body = await reader.readexactly(length)
            self.bodies.append(body)
            self.came.set()
            await self.go.wait()
            if self.healed:
                write(writer, await receive(body, self.there, Trail()))
            else:
                await self.misbehave(self, writer, body)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the gateway has turned away, or the test is over
        finally:
            writer.close()


def write(writer: asyncio.StreamWriter, body: bytes, status: str = "200 OK", more: str = "") -> None:
    """An answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{more}\r\n"
    writer.write(head.encode() + body)


async def rubbish(_france, writer, _body):
    """A page that some proxy puts in the way."""
    write(writer, b"<html>200 OK</html>")


async def endless(_france, writer, _body):
    """An answer that never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 10_000)
        await writer.drain()


async def dripping(_france, writer, _body):
    """A byte now and then."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def another_message(france, writer, body):
    """A true receipt of its own, for a message of another time."""
    receipt = replace(stated(await receive(body, france.there, Trail())), message_id=OTHER_ID)
    write(writer, sign(receipts.build(receipt), gateway_key("FR")))


async def another_signer(france, writer, body):
    """A receipt for this message, signed by somebody else."""
    receipt = stated(await receive(body, france.there, Trail()))
    write(writer, sign(receipts.build(receipt), seal("stranger", "FR")))


async def redirect(france, writer, _body):
    """It says that it lives elsewhere now."""
    write(writer, b"", "307 Temporary Redirect", "Location: /elsewhere\r\n")


@pytest.fixture
async def listening(bench) -> AsyncIterator[Callable]:
    """Let France listen and misbehave; returns it, and a worker that knows where it is."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(misbehave):
            france = France(bench.france.there, misbehave)
            server = await asyncio.start_server(france.serve, "127.0.0.1", 0)

            async def close():
                server.close()
                for task in france.tasks:
                    task.cancel()
                await asyncio.gather(*france.tasks, return_exceptions=True)

            stack.push_async_callback(close)
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/messages"
            partners = dict(bench.node.directory.partners)
            partners["fr"] = replace(partners["fr"], url=url)
            bench.node.directory = replace(bench.node.directory, partners=partners)
            settings = TransportSettings(answer_seconds=1.0, max_answer_bytes=100_000)
            rest = await stack.enter_async_context(RestCourier(settings))
            courier = ByPartner({"fr": rest, "de": bench.door})
            return france, bench.dispatcher(courier, poll_seconds=0.02)

        yield start


@pytest.mark.parametrize(
    ("misbehave", "code"),
    [
        (rubbish, "receipt_refused"),
        (endless, "partner_answered_wrongly"),
        (dripping, "partner_unreachable"),
        (another_message, "receipt_refused"),
        (another_signer, "receipt_refused"),
        (redirect, "partner_answered_wrongly"),
    ],
    ids=lambda each: getattr(each, "__name__", each),
)
async def test_the_message_waits_and_nobody_else_minds(misbehave, code, bench, listening):
    """Others are served meanwhile; the message is queued, and is delivered when the partner heals."""
    france, dispatcher = await listening(misbehave)
    await bench.issue(NUMBER)
    async with bench.working(dispatcher):
        async with asyncio.timeout(10):
            await france.came.wait()
        await bench.queue_for_germany(2)
        bench.door.let_pass(2)
        dispatcher.wake()
        await bench.until(lambda: bench.settled("de") == 2)
        france.go.set()
        await bench.until(lambda: any("127.0.0.1" in tried.address for tried in bench.storage.state.attempts))
        assert bench.states("fr") == [DeliveryState.QUEUED]
        (waiting,) = [each for each in bench.storage.state.deliveries.values() if each.partner == "fr"]
        assert (waiting.attempts, waiting.error_code) == (1, code)
        assert waiting.next_attempt_at > bench.clock.now()
        assert all(message.receipt is None for message in bench.storage.state.messages.values())
        france.healed = True
        bench.clock.forward(hours=1)
        await bench.until(lambda: bench.settled("fr") == 1)
    assert bench.states("fr") == [DeliveryState.DELIVERED]
    assert len(france.bodies) == 2
    assert france.bodies[0] == france.bodies[1]
    assert len(france.there.storage.state.permits) == 1
