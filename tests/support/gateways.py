"""Whole gateways in one process: Switzerland and France, each with Management Authority and customs."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from gateway.clock import new_id
from gateway.errors import GatewayError, PartnerUnreachable
from gateway.exchange import message, receipts
from gateway.exchange.directory import Directory, Partner
from gateway.exchange.message import Header, Kind
from gateway.exchange.receipts import Receipt
from gateway.exchange.retry import RetryPolicy
from gateway.flows.ports import Node, Storage, Trail
from gateway.flows.receive import receive
from gateway.messagelog.entry import Entry, EntryKind
from gateway.messagelog.query import LogQuery
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.signatures.keyring import ALWAYS, GATEWAY, Keyring, OwnKey, TrustStore
from gateway.signatures.keys import SigningKey
from gateway.signatures.sign import sign
from gateway.signatures.verify import verify
from gateway.xmlio.parse import parse
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA
from support.keys import NOW, seal
from support.permits import sealed_bytes


@dataclass(slots=True)
class SetClock:
    """A clock that a test sets; each id is later than the one before."""

    at: datetime = NOW
    _made: int = 0

    def now(self) -> datetime:
        """The moment that the test set."""
        return self.at

    def new_id(self) -> str:
        """A UUIDv7 a millisecond after the last one."""
        self._made += 1
        return new_id(self.at + timedelta(milliseconds=self._made))

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self.at += timedelta(**by)


def gateway_key(party: str) -> SigningKey:
    """The key with which the gateway of a Party signs envelopes and receipts."""
    return seal(f"{party.lower()} gateway", party)


def ma_key(party: str) -> SigningKey:
    """The seal of the Management Authority of a Party."""
    return seal() if party == "CH" else seal(f"{party}:MA", party)


def keyring(**keys: SigningKey) -> Keyring:
    """A ring in which each owner has one key, which has always been in use."""
    return Keyring(
        tuple(OwnKey(owner, owner, key.certificate, key, begins=ALWAYS) for owner, key in keys.items())
    )


def _trust() -> TrustStore:
    """Everybody's certificates."""
    return TrustStore.filled(
        [(party.lower(), (gateway_key(party).certificate,)) for party in ("CH", "FR")]
        + [(f"{party}:MA", (ma_key(party).certificate,)) for party in ("CH", "FR")]
    )


def swiss(storage: Storage, clock: SetClock, **changes: Any) -> Node:
    """The gateway of Switzerland, which knows that of France."""
    partner = Partner("fr", "http://fr.invalid/", (FR_MA, FR_CUSTOMS))
    return _node("CH", partner, storage, clock, changes)


def french(storage: Storage, clock: SetClock, **changes: Any) -> Node:
    """The gateway of France, which knows that of Switzerland."""
    partner = Partner("ch", "http://ch.invalid/", (CH_MA, CH_CUSTOMS))
    return _node("FR", partner, storage, clock, changes)


def _node(party: str, partner: Partner, storage: Storage, clock: SetClock, changes: dict[str, Any]) -> Node:
    """One gateway."""
    authorities = frozenset({AuthorityId.parse(f"{party}:MA"), AuthorityId.parse(f"{party}:CUSTOMS")})
    node = Node(
        directory=Directory(authorities, {partner.id: partner}),
        trust=_trust(),
        keys=keyring(**{GATEWAY: gateway_key(party), f"{party}:MA": ma_key(party)}),
        storage=storage,
        clock=clock,
        retry=RetryPolicy(),
        wake=lambda: None,
    )
    return replace(node, **changes)


def header(**changes: Any) -> Header:
    """From CH:MA to FR:MA, about CH-2026-000123."""
    made = Header(new_id(NOW), new_id(NOW), CH_MA, FR_MA, Kind.PERMIT, NOW, PermitRef("CH", "CH-2026-000123"))
    return replace(made, **changes)


def envelope(payload: bytes | None = None, *, key: SigningKey | None = None, **changes: Any) -> bytes:
    """A signed envelope with a sealed permit inside, as the Swiss gateway sends it."""
    made = header(**changes)
    content = sealed_bytes(made.permit.number) if payload is None else payload
    return sign(message.build(made, content), key or gateway_key("CH"))


@dataclass(slots=True)
class DirectCourier:
    """Fulfils the port `Courier` by calling the other gateway's flow; can be told to fail."""

    there: Node
    failures: list[GatewayError] = field(default_factory=list)
    """Raised one by one before anything is carried."""
    lose_answers: int = 0
    """So many answers are lost after the other side has done its work."""
    carried: list[bytes] = field(default_factory=list)

    async def carry(self, _partner: Partner, data: bytes) -> bytes:
        """Carry one envelope."""
        if self.failures:
            raise self.failures.pop(0)
        self.carried.append(data)
        answer = await receive(data, self.there, Trail())
        if self.lose_answers:
            self.lose_answers -= 1
            raise PartnerUnreachable("the answer was lost")
        return answer


async def log_of(node: Node, kind: str = "", **conditions: Any) -> list[Entry]:
    """Entries of the message log, newest first."""
    kinds = (EntryKind(kind),) if kind else ()
    async with node.storage.read() as transaction:
        return await transaction.log.search(LogQuery(kinds=kinds, **conditions))


def stated(receipt: bytes) -> Receipt:
    """What a receipt states, proven with the French gateway's certificate."""
    return receipts.read(verify(parse(receipt), [gateway_key("FR").certificate], at=NOW).root)
