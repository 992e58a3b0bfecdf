"""The network between gateways: passes requests on, and fails some as the faults say."""

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random

import aiohttp
from aiohttp import web

from gateway.cli.simulation.faults import Fault, Faults, dice
from gateway.xmlio.canonical import sha256_hex

LONGEST_DELAY = 0.3
"""Seconds; shorter than a gateway waits for an answer."""
OVERTAKEN_BY = 2
"""So many later requests pass a held one."""
LONGEST_HOLD = 0.5
"""Seconds, when there are no later ones."""
MOST_BYTES = 32 * 1024 * 1024

_NUMBER = re.compile(rb"Number>([^<]+)<")
"""Of the permit, in the header of an envelope."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a gateway said."""

    status: int
    body: bytes
    headers: dict[str, str]


@dataclass(slots=True)
class Wire:
    """
    What stands before every gateway.

    It also keeps book: the same envelope must get the same receipt every time.
    """

    addresses: Mapping[str, str]
    """Of each gateway, by its name."""
    faults: Faults
    struck: Counter[Fault] = field(default_factory=Counter)
    """How often each fault happened."""
    receipts: dict[tuple[str, str], str] = field(default_factory=dict)
    """By gateway and digest of the envelope: the digest of the receipt."""
    contradictions: list[str] = field(default_factory=list)
    """Envelopes with two different receipts."""
    repeated: int = 0
    """Receipts that a gateway gave again, byte for byte."""
    _attempts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _passed: Counter[str] = field(default_factory=Counter)
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)
    _session: aiohttp.ClientSession | None = None
    _runners: list[web.AppRunner] = field(default_factory=list)
    _loose: set["asyncio.Task[_Answer | None]"] = field(default_factory=set)

    async def open(self, ports: Mapping[str, int]) -> None:
        """Listen before each gateway, on the port that its partners know."""
        self._session = aiohttp.ClientSession(
            auto_decompress=False, connector=aiohttp.TCPConnector(limit=0, force_close=True)
        )
        for gateway, port in ports.items():
            application = web.Application(client_max_size=MOST_BYTES)
            application.router.add_post("/{path:.*}", partial(self._carry, gateway))
            runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port).start()
            self._runners.append(runner)

    async def close(self) -> None:
        """Let go of everything."""
        for runner in self._runners:
            await runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def drain(self) -> None:
        """Wait for the second halves of duplicates."""
        while self._loose:
            await asyncio.wait(self._loose)

    async def _carry(self, gateway: str, request: web.Request) -> web.StreamResponse:
        """One request, and what happens to it."""
        body = await request.read()
        found = _NUMBER.search(body)
        number = found[1].decode(errors="replace") if found else ""
        self._attempts[number, gateway] += 1
        attempt = self._attempts[number, gateway]
        fault = self.faults.on(number, gateway, attempt)
        if fault is not None:
            self.struck[fault] += 1
        answer = await self._fail(fault, request, body, gateway, dice(number, gateway, attempt))
        self._passed[gateway] += 1
        async with self._moved:
            self._moved.notify_all()
        if answer is None:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=502)
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)

    async def _fail(
        self, fault: Fault | None, request: web.Request, body: bytes, gateway: str, chance: Random
    ) -> _Answer | None:
        """The answer as it reaches the sender; None: the connection breaks."""
        path, seconds = request.path, chance.uniform(0, LONGEST_DELAY)
        match fault:
            case Fault.DROP:
                return None
            case Fault.REFUSE:
                return _Answer(503, b"", {"Retry-After": "1"})
            case Fault.DELAY:
                await asyncio.sleep(seconds)
            case Fault.REORDER:
                await self._overtaken(gateway)
            case Fault.DUPLICATE:
                second = asyncio.create_task(self._later(seconds, path, body, gateway))
                self._loose.add(second)
                second.add_done_callback(self._loose.discard)
            case Fault.CUT:
                await self._forward(path, body, gateway)
                return None
            case Fault.CORRUPT:
                return await self._corrupted(path, body, gateway, chance)
        return await self._forward(path, body, gateway)

    async def _corrupted(self, path: str, body: bytes, gateway: str, chance: Random) -> _Answer | None:
        """Another byte on the way there, or on the way back."""
        if chance.random() < 0.5:  # noqa: PLR2004 - even chances
            return await self._forward(path, _flipped(body, chance), gateway)
        answer = await self._forward(path, body, gateway)
        if answer is None or not answer.body:
            return answer
        return _Answer(answer.status, _flipped(answer.body, chance), answer.headers)

    async def _later(self, seconds: float, path: str, body: bytes, gateway: str) -> _Answer | None:
        """The second one of two."""
        await asyncio.sleep(seconds / 10)
        return await self._forward(path, body, gateway)

    async def _overtaken(self, gateway: str) -> None:
        """Wait until later requests have passed, not for ever."""
        enough = self._passed[gateway] + OVERTAKEN_BY
        try:
            async with asyncio.timeout(LONGEST_HOLD), self._moved:
                await self._moved.wait_for(lambda: self._passed[gateway] >= enough)
        except TimeoutError:
            pass

    async def _forward(self, path: str, body: bytes, gateway: str) -> _Answer | None:
        """What the gateway says; None when it is not there."""
        if self._session is None:
            return None
        try:
            async with self._session.post(
                f"{self.addresses[gateway]}{path}", data=body, headers={"Content-Type": "application/xml"}
            ) as answer:
                said = await answer.read()
        except (aiohttp.ClientError, OSError):
            return None
        if answer.status == 200:  # noqa: PLR2004 - RFC 9110, 15.3.1
            self._note(gateway, sha256_hex(body), sha256_hex(said))
        kept = {
            name: answer.headers[name] for name in ("Content-Type", "Retry-After") if name in answer.headers
        }
        return _Answer(answer.status, said, kept)

    def _note(self, gateway: str, envelope: str, receipt: str) -> None:
        """The same envelope, the same receipt."""
        known = self.receipts.get((gateway, envelope))
        if known is None:
            self.receipts[gateway, envelope] = receipt
        elif known == receipt:
            self.repeated += 1
        else:
            self.contradictions.append(f"{gateway} has two receipts for the envelope {envelope}")


def _flipped(data: bytes, chance: Random) -> bytes:
    """The same with one bit turned."""
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1 :]
