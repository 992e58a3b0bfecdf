"""Every flow examines a large document outside the event loop, and a small one in it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from string import ascii_uppercase
from typing import Any

import pytest
from support.exchange import CH_MA, FR_CUSTOMS
from support.gateways import envelope, gateway_key, stated
from support.keys import NOW
from support.permits import line, permit_bytes, sealed_bytes

from gateway.exchange import message, receipts
from gateway.exchange.channels import Channel, ChannelRule
from gateway.exchange.delivery import DeliveryState, Room
from gateway.exchange.directory import Directory, Partner
from gateway.exchange.receipts import Outcome, Receipt
from gateway.flows import admission, answer, check, deliver, issue, judgement, outgoing, receive
from gateway.flows.ports import Node, Trail
from gateway.permits.findings import Area, Finding, Severity
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.signatures.sign import sign
from gateway.workers.desk import ThreadDesk, is_large
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.parse import parse

LINES = tuple(line(first + second) for first in ("", "A") for second in ascii_uppercase)
REF = PermitRef("CH", "CH-2026-000123")


@pytest.fixture
def desk() -> Iterator[ThreadDesk]:
    made = ThreadDesk()
    yield made
    made.close()


@dataclass(slots=True)
class Watched:
    """In which threads functions were called."""

    threads: dict[str, set[int]] = field(default_factory=dict)

    def put_in(self, module: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Note every call of a function of a module."""
        real: Callable[..., Any] = getattr(module, name)
        label = f"{module.__name__.rpartition('.')[2]}.{name}"
        self.threads[label] = set()

        def noting(*given: Any, **named: Any) -> Any:
            self.threads[label].add(threading.get_ident())
            return real(*given, **named)

        monkeypatch.setattr(module, name, noting)

    def forget(self) -> None:
        """Begin again."""
        for seen in self.threads.values():
            seen.clear()

    def not_here(self) -> list[str]:
        """What was not called, or not only in this thread."""
        return [label for label, seen in self.threads.items() if seen != {threading.get_ident()}]

    def not_elsewhere(self) -> list[str]:
        """What was not called, or not only in other threads."""
        return [label for label, seen in self.threads.items() if not seen or threading.get_ident() in seen]


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Watched]:
    def watch(*functions: tuple[Any, str]) -> Watched:
        made = Watched()
        for module, name in functions:
            made.put_in(module, name, monkeypatch)
        return made

    return watch


def large_permit(number: str = REF.number) -> bytes:
    """A permit of 52 lines with a good seal."""
    data = sealed_bytes(number, lines=LINES)
    assert is_large(data)
    return data


async def test_receive(fr: Node, desk: ThreadDesk, watched: Callable[..., Watched]) -> None:
    """Parsing, digest, envelope, seal and rules of a partner's message, and the copies that go on."""
    german = AuthorityId.parse("DE:MA")
    channel = Channel(ChannelRule.FORWARD_COPY, german)
    known = {
        "ch": replace(fr.directory.partners["ch"], channels=(channel,)),
        "de": Partner("de", "http://de.invalid/", (german,)),
    }
    node = replace(fr, desk=desk, directory=Directory(fr.directory.hosted, known))
    seen = watched(
        (receive, "sha256_hex"),
        (receive, "parse"),
        (receive, "verify_here"),
        (message, "peek_header"),
        (message, "read"),
        (judgement, "parse"),
        (judgement, "judge"),
        (admission, "verify_here"),
        (outgoing, "sign"),
    )
    assert stated(await receive.receive(envelope(), node, Trail())).outcome is Outcome.ACCEPTED
    assert not seen.not_here()
    seen.forget()
    data = envelope(large_permit("CH-2"), permit=PermitRef("CH", "CH-2"))
    assert is_large(data)
    trail = Trail()
    assert stated(await receive.receive(data, node, trail)).outcome is Outcome.ACCEPTED
    assert not seen.not_elsewhere()
    assert trail.digest


async def test_issue(ch: Node, desk: ThreadDesk, watched: Callable[..., Watched]) -> None:
    """Parsing, rules, seal and envelopes of a permit that an authority hands over."""
    node = replace(ch, desk=desk)
    seen = watched(
        (issue, "sha256_hex"),
        (issue, "parse"),
        (issue, "inspect"),
        (issue, "sign"),
        (issue, "prove"),
        (outgoing, "sign"),
    )
    await issue.issue(permit_bytes("CH-1"), CH_MA, "", node, Trail())
    assert not seen.not_here()
    seen.forget()
    await issue.issue(permit_bytes("CH-2", lines=LINES), CH_MA, "", node, Trail())
    assert not seen.not_elsewhere()


@pytest.mark.parametrize("large", [False, True])
async def test_check(
    large: bool,  # noqa: FBT001 - the two sizes
    fr: Node,
    desk: ThreadDesk,
    watched: Callable[..., Watched],
) -> None:
    """The seal is proven again for customs."""
    node = replace(fr, desk=desk)
    await receive.receive(envelope(large_permit() if large else None), node, Trail())
    seen = watched((check, "parse"), (check, "prove"), (check, "standing_of"))
    assert (await check.check(REF, FR_CUSTOMS, node, Trail())).valid
    assert not (seen.not_elsewhere() if large else seen.not_here())


class Complaining:
    """A partner that refuses with so many findings."""

    def __init__(self, findings: int) -> None:
        """They make the receipt small or large."""
        self._findings = findings

    async def carry(self, _partner: Partner, data: bytes) -> bytes:
        """A signed receipt for what was sent."""
        sent = message.read(parse(data).root)
        finding = Finding("lines.none", Severity.ERROR, Area.RULES, "no " * 100)
        root = receipts.build(
            Receipt(
                message_id=sent.header.message_id,
                conversation_id=sent.header.conversation_id,
                sender=sent.header.recipient,
                recipient=sent.header.sender,
                received_at=NOW,
                envelope_digest=sha256_hex(data),
                payload_digest=sent.payload_digest,
                outcome=Outcome.REFUSED,
                findings=(finding,) * self._findings,
            )
        )
        answered = sign(root, gateway_key("FR"))
        assert is_large(answered) == (self._findings > 1)
        return answered


@pytest.mark.parametrize("findings", [1, 100])
async def test_deliver(findings: int, ch: Node, desk: ThreadDesk, watched: Callable[..., Watched]) -> None:
    """A receipt is proven; one with many findings is large."""
    node = replace(ch, desk=desk)
    await issue.issue(permit_bytes(), CH_MA, "", node, Trail())
    async with node.storage.write() as transaction:
        (delivery,) = await transaction.deliveries.claim(
            at=NOW, lease_until=NOW + timedelta(seconds=90), worker="w", limit=1, room=Room(1)
        )
    seen = watched((answer, "parse"), (answer, "verify_here"))
    step = await deliver.deliver(delivery, "w", node, Complaining(findings))
    assert step.state is DeliveryState.REFUSED
    assert not (seen.not_elsewhere() if findings > 1 else seen.not_here())


async def test_a_large_message_stops_nobody(
    fr: Node, desk: ThreadDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one message is examined for as long as it takes, another one is received and answered."""
    node = replace(fr, desk=desk)
    begun, free = threading.Event(), threading.Event()
    real = judgement.judge

    def slow(*given: Any, **named: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            begun.set()
            assert free.wait(60)
        return real(*given, **named)

    monkeypatch.setattr(judgement, "judge", slow)
    large = asyncio.create_task(
        receive.receive(envelope(large_permit("CH-1"), permit=PermitRef("CH", "CH-1")), node, Trail())
    )
    try:
        assert await asyncio.to_thread(begun.wait, 60)
        assert stated(await receive.receive(envelope(), node, Trail())).outcome is Outcome.ACCEPTED
        assert not large.done()
    finally:
        free.set()
    assert stated(await large).outcome is Outcome.ACCEPTED
