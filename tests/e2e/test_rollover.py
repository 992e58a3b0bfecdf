"""A rehearsal: both keys of Switzerland are replaced at a stated second, and trade goes on."""

import asyncio
import json
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from cryptography import x509
from support.commands import ecites

from gateway import clock
from gateway.cli.demonstration import permits
from gateway.cli.demonstration.client import Client
from gateway.cli.demonstration.network import DemoNode
from gateway.signatures.keys import fingerprint, load_certificate
from gateway.signatures.shape import check_shape
from gateway.xmlio.parse import parse

pytestmark = pytest.mark.e2e

PATIENCE = 90.0

NOTICE = timedelta(seconds=15)
"""How long before it the switch is scheduled; a running gateway looks at its keys every two seconds."""

AFTER = timedelta(seconds=3)
"""So long trade is watched after the switch."""


@dataclass(slots=True)
class Trade:
    """Permits that go out one after the other until they are stopped."""

    client: Client
    sent: list[str] = field(default_factory=list)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def go(self) -> None:
        """Submit; nothing may be turned away."""
        while not self.stopped.is_set():
            number = f"CH-2026-{len(self.sent):06}"
            status, answer = await self.client.submit(
                permits.make_permit(number, permits.LEATHER, clock.now())
            )
            assert status == 202, answer
            self.sent.append(answer["id"])
            await asyncio.sleep(0.3)


async def settled(client: Client, submission: str) -> list[dict[str, Any]]:
    """The deliveries of a submission once each has come to its end."""
    async with asyncio.timeout(PATIENCE):
        while True:
            deliveries: list[dict[str, Any]] = (await client.follow(submission))["deliveries"]
            if all(each["state"] not in ("queued", "sending") for each in deliveries):
                return deliveries
            await asyncio.sleep(0.05)


async def until(node: DemoNode, owner: str, next_key: str) -> None:
    """Wait until the partner says that about the next key of an owner."""
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = await ecites("keys", "roll", owner, "--dry-run", "--config", node.config)
            if [each["next_key"] for each in answer["partners"]] == [next_key]:
                return
            await asyncio.sleep(0.2)


def seal_of(data: bytes) -> tuple[datetime, str]:
    """When a permit says that it was sealed, and the fingerprint of the certificate that it names."""
    shape = check_shape(parse(data).root)
    assert shape.properties is not None
    assert shape.properties.signing_time is not None
    assert shape.hint is not None
    return shape.properties.signing_time, fingerprint(x509.load_der_x509_certificate(shape.hint))


async def scheduled(node: DemoNode) -> datetime:
    """Schedule the switch of both keys, and see that the running gateway has read it before; its second."""
    switch = (clock.now() + NOTICE).replace(microsecond=0)
    at = ("--no-ask", "--at", switch.isoformat(), "--config", node.config)
    answers = await asyncio.gather(*(ecites("keys", "roll", owner, *at) for owner in ("gateway", "CH:MA")))
    assert all(answer["done"] for answer in answers)
    while clock.now() < switch:
        written = datetime.fromtimestamp((node.folder / "keys" / "keys.toml").stat().st_mtime, UTC)
        if read_at(node) > written:
            return switch
        await asyncio.sleep(0.05)
    raise AssertionError("the gateway has not read its keys in time")


def read_at(node: DemoNode) -> datetime:
    """When the running gateway began to say that it had read its keys, the last time."""
    lines = map(json.loads, node.log_file.read_text(encoding="utf-8").splitlines())
    moments = [line["timestamp"] for line in lines if line.get("what") == "keys"]
    return datetime.fromisoformat(moments[-1]) if moments else datetime.min.replace(tzinfo=UTC)


async def teach(swiss: DemoNode, french: DemoNode) -> None:
    """France registers the next certificates beside the present ones, while it runs."""
    public = swiss.folder / "public"
    for name in ("next-gateway", "next-seal"):
        shutil.copy(swiss.folder / "keys" / f"{name}.crt.pem", public)
    file = public / "ch.partner.toml"
    text = file.read_text(encoding="utf-8")
    for present, following in (("gateway", "next-gateway"), ("ch-ma", "next-seal")):
        text = text.replace(f'"{present}.crt.pem"', f'"{present}.crt.pem", "{following}.crt.pem"')
    file.write_text(text, encoding="utf-8")
    reason = ("--reason", "next certificates, compared by telephone", "--replace", "--yes")
    await ecites("partner", "add", file, *reason, "--config", french.config)


async def test_keys_are_replaced_and_trade_goes_on(network: dict[str, DemoNode]) -> None:
    """
    The partner learns the next certificates, the switch comes at its second, nothing fails before or after.

    1. Both gateways run, and permits go out all the while.
    2. Switzerland makes its next keys; asked, France does not know them.
    3. France takes in the certificates and, asked again, knows them.
    4. The switch is scheduled, and trade is watched until it is over.
    5. Every permit arrived; those sealed from that second on have the new seal, those before the old one.
    6. What was sealed before is still PASSED.
    """
    swiss, french = network["CH"], network["FR"]
    async with aiohttp.ClientSession() as session:
        # 1
        for node in network.values():
            node.start()
            await node.ready(session)
        client = Client(session, swiss, "CH:MA")
        trade = Trade(client)
        going = asyncio.create_task(trade.go())
        # 2
        for owner, name in (("gateway", "next-gateway"), ("CH:MA", "next-seal")):
            await ecites("keys", "new", owner, "--name", name, "--config", swiss.config)
            await until(swiss, owner, "refuses")
        # 3
        await teach(swiss, french)
        for owner in ("gateway", "CH:MA"):
            await until(swiss, owner, "accepts")
        # 4
        switch = await scheduled(swiss)
        async with asyncio.timeout(PATIENCE):
            while clock.now() < switch + AFTER:
                assert not going.done()
                await asyncio.sleep(0.3)
        trade.stopped.set()
        await going
        # 5
        for submission in trade.sent:
            states = {each["state"] for each in await settled(client, submission)}
            assert states == {"delivered"}
        following = fingerprint(load_certificate(swiss.folder / "keys" / "next-seal.crt.pem"))
        french_ma = Client(session, french, "FR:MA")
        seals = [seal_of(await french_ma.fetch(each["id"])) for each in await french_ma.inbox()]
        assert {mark == following for _, mark in seals} == {True, False}
        for moment, mark in seals:
            assert (mark == following) == (moment >= switch)
        # 6
        answer = await Client(session, french, "FR:CUSTOMS").ask("CH", "CH-2026-000000")
        assert answer["signature"]["verdict"] == "PASSED", answer
