"""Large documents at the door: nobody waits for somebody else's, and there are only so many places."""

import asyncio
import json
import threading
from string import ascii_uppercase
from typing import Any

import pytest
from support.exchange import FR_MA
from support.gateways import envelope, log_of
from support.permits import line, sealed_bytes

from gateway.flows import judgement
from gateway.permits.identity import PermitRef
from gateway.web.problems import RETRY_AFTER_SECONDS
from gateway.workers import desk as desk_module
from gateway.workers.desk import ThreadDesk, is_large

EXCHANGE = "/exchange/v1/messages"
XML = {"Content_Type": "application/xml"}


def large_envelope(number: str) -> bytes:
    """A message with a permit of 52 lines."""
    lines = tuple(line(first + second) for first in ("", "A") for second in ascii_uppercase)
    data = envelope(sealed_bytes(number, lines=lines), permit=PermitRef("CH", number))
    assert is_large(data)
    return data


async def test_others_are_served_and_one_too_many_comes_back_later(
    fr: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one large message is examined a small one is; a second large one gets 503 and its moment."""
    monkeypatch.setattr(desk_module, "PLACES", 1)
    fr.node.desk = desk = ThreadDesk()
    begun, free = threading.Event(), threading.Event()
    real = judgement.judge

    def slow(*given: Any, **named: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            begun.set()
            assert free.wait(60)
        return real(*given, **named)

    monkeypatch.setattr(judgement, "judge", slow)
    first = asyncio.create_task(fr.call("POST", EXCHANGE, data=large_envelope("CH-1"), **XML))
    try:
        assert await asyncio.to_thread(begun.wait, 60)
        status, _, receipt = await fr.call("POST", EXCHANGE, data=envelope(), **XML)
        assert (status, b"Receipt" in receipt) == (200, True)
        status, headers, body = await fr.call("POST", EXCHANGE, data=large_envelope("CH-2"), **XML)
        assert (status, headers["Retry-After"]) == (503, str(RETRY_AFTER_SECONDS[503]))
        assert json.loads(body)["code"] == "gateway_busy"
        assert [entry.outcome for entry in await log_of(fr.node, kind="refused")] == ["gateway_busy"]
        assert not first.done()
    finally:
        free.set()
    assert (await first)[0] == 200
    assert (await fr.call("POST", EXCHANGE, data=large_envelope("CH-2"), **XML))[0] == 200
    assert len(await fr.inbox(FR_MA)) == 3
    desk.close()
