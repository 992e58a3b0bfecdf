"""What trials of a partner share: who talks to whom, what came back, and what was expected."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.errors import GatewayError
from gateway.exchange.directory import Partner
from gateway.exchange.message import Kind
from gateway.exchange.receipts import Receipt
from gateway.exchange.records import MessageRecord
from gateway.exchange.routing import Hop
from gateway.flows.answer import proven_receipt
from gateway.flows.outgoing import Outgoing
from gateway.flows.ports import Courier, Node
from gateway.permits.identity import AuthorityId, PermitRef

PROTOCOL = "exchange protocol of this gateway (docs/api.md)"


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing that is expected of a partner, and what came of it."""

    id: str
    source: str
    """Where the expectation is written."""
    level: str
    """`MUST` or `SHOULD` (RFC 2119)."""
    expectation: str
    result: str
    passed: bool | None
    """None when it could not be tried."""

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a proven receipt, or an error that says why there is none."""

    data: bytes = b""
    receipt: Receipt | None = None
    error: GatewayError | None = None

    @property
    def says(self) -> str:
        """In a sentence."""
        if self.receipt is None:
            return self.error.message if self.error else ""
        findings = "; ".join(f"{each.rule}: {each.message}" for each in self.receipt.findings)
        return f"receipt: {self.receipt.outcome}" + (f" ({findings})" if findings else "")


@dataclass(slots=True)
class Probe:
    """What the trials share: who talks to whom, and the first answer."""

    partner: Partner
    node: Node
    courier: Courier
    sender: AuthorityId
    recipient: AuthorityId
    bare: bytes
    """The test permit without its seal."""
    payload: bytes
    """The same, sealed."""
    number: str
    first: MessageRecord | None = None
    answer: Answer = field(default_factory=Answer)

    def message(
        self, *, payload: bytes | None = None, recipient: AuthorityId | None = None, **changes: Any
    ) -> MessageRecord:
        """A good test message, or one with something changed."""
        made = Outgoing(
            self.sender,
            PermitRef.of(self.sender.party, changes.get("number", self.number)),
            self.node.clock.new_id(),
            self.payload if payload is None else payload,
            changes.get("at", self.node.clock.now()),
            Kind.TEST,
        )
        hop = Hop(self.partner.id, recipient or self.recipient)
        return made.message(hop, changes.get("node", self.node))

    async def send(self, message: MessageRecord) -> Answer:
        """Carry a message and prove the receipt; an error is an answer too."""
        try:
            data = await self.courier.carry(self.partner, message.envelope)
            return Answer(data, proven_receipt(data, message, self.node, self.node.clock.now()))
        except GatewayError as error:
            return Answer(error=error)


Attempt = Callable[[Probe], Awaitable[tuple[bool | None, str]]]
"""Returns whether it went as expected, None when nothing was learned, and what came of it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One expectation and how it is tried."""

    id: str
    source: str
    level: str
    expectation: str
    thorough: bool
    """True for one that sends what a partner must turn away."""
    attempt: Attempt
