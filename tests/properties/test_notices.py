"""
Three gateways, all that can be said about one permit in any order, delivered in any order and twice.

Against a model that a customs officer would use: what was accepted, less what was taken back.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import chain
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS, FR_MA, REF, directory
from support.gateways import SetClock, gateway_key, keyring, ma_key, swiss
from support.keys import NOW
from support.memory import MemoryStorage
from support.notices import SEVERAL, change, endorsement, reversal, written
from support.permits import digest_of, line, sealed

from gateway.codec.registry import SealedPermit
from gateway.errors import NotFound, UseRefused
from gateway.exchange import receipts
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import Direction
from gateway.flows.give_notice import give_notice
from gateway.flows.known_permit import Known, find_known
from gateway.flows.ports import Node, Trail
from gateway.flows.receive import receive
from gateway.permits.identity import AuthorityId
from gateway.permits.lifecycle import CHANGES
from gateway.permits.model import Package
from gateway.permits.notices import Endorsement, Notice, PermitStatus, Reversal, Side, StatusChange
from gateway.permits.quantities import Quantity
from gateway.signatures.keyring import GATEWAY, TrustStore
from gateway.xmlio.parse import parse

DE_CUSTOMS = AuthorityId.parse("DE:CUSTOMS")
AUTHORS = (CH_MA, CH_CUSTOMS, FR_MA, FR_CUSTOMS, DE_CUSTOMS)
PARTIES = ("CH", "FR", "DE")
ALLOWED = 40
KILOGRAMS = {"KGM": Fraction(1), "GRM": Fraction(1, 1000), "PND": Fraction("0.45359237")}
"""The model's own factors; pieces have none."""

OWN = ((CH_CUSTOMS, Side.EXPORT), (FR_CUSTOMS, Side.IMPORT))
RIGHTFUL = (
    (CH_MA, PermitStatus.AMENDED),
    (CH_MA, PermitStatus.AMENDED),
    (CH_CUSTOMS, PermitStatus.REFUSED_AT_BORDER),
    (FR_CUSTOMS, PermitStatus.REFUSED_AT_BORDER),
    *((CH_MA, status) for status in sorted(CHANGES)),
)
anybody = st.sampled_from(AUTHORS)
written_off = st.builds(
    lambda whose, amount, unit: endorsement(written(amount, unit=unit), by=whose[0], side=whose[1]),
    st.sampled_from(OWN * 4) | st.tuples(anybody, st.sampled_from(Side)),
    st.sampled_from(("0.001", "1", "12.5", "20", "39.999", "40", "40.001")),
    st.sampled_from(("KGM", "KGM", "KGM", "GRM", "PND", None)),
)
changed = st.builds(
    lambda whose: change(whose[1], by=whose[0]),
    st.sampled_from(RIGHTFUL) | st.tuples(anybody, st.sampled_from(sorted(CHANGES))),
)
taken_back = st.tuples(st.none() | st.none() | anybody, st.integers(0, 20))
"""By whom, None for the author; and which of the endorsements."""
carried = st.tuples(st.integers(0, 50), st.booleans())
happenings = {"w": written_off, "b": taken_back, "s": changed, "c": carried}
actions = st.lists(
    st.sampled_from("wwwwwbbscccc").flatmap(lambda kind: happenings[kind]), min_size=8, max_size=24
)
"""Mostly what is rightful, so that much of it is done; and all that is not."""


@cache
def the_permit() -> SealedPermit:
    """Forty kilograms, for several consignments."""
    weighed = replace(line(), packages=(Package(Quantity(Decimal(ALLOWED), "KGM")),))
    return sealed(lines=(weighed,), **SEVERAL)


@cache
def trust() -> TrustStore:
    """Everybody's certificates."""
    return TrustStore.filled(
        [(party.lower(), (gateway_key(party).certificate,)) for party in PARTIES]
        + [("CH:MA", (ma_key("CH").certificate,))]
    )


def node(party: str, ahead: int) -> Node:
    """The gateway of a Party, whose clock is so many seconds ahead."""
    others = {other.lower(): f"{other}:MA {other}:CUSTOMS" for other in PARTIES if other != party}
    return swiss(
        MemoryStorage(),
        SetClock(NOW + timedelta(seconds=ahead)),
        directory=directory(f"{party}:MA {party}:CUSTOMS", **others),
        trust=trust(),
        keys=keyring(**{GATEWAY: gateway_key(party)}),
    )


@dataclass(slots=True)
class World:
    """Three gateways, what is on its way between them, and the model."""

    nodes: dict[str, Node]
    bag: list[tuple[str, bytes]] = field(default_factory=list)
    """To which Party, and the envelope; without one it is the permit that arrives."""
    seen: set[bytes] = field(default_factory=set)
    said: list[Notice] = field(default_factory=list)
    """What was accepted where it was said: the model."""

    async def known(self, party: str) -> Known:
        """What a gateway believes."""
        return (await find_known(REF, self.nodes[party]))[1]

    async def act(self, action: Any) -> None:
        """One thing happens."""
        for each in self.nodes.values():
            each.clock.forward(milliseconds=100)  # type: ignore[attr-defined]
        match action:
            case int() as index, bool() as again:
                await self.carry(index, again=again)
            case author, int() as index:
                made = [each for each in self.said if isinstance(each, Endorsement)]
                if made:
                    chosen = made[index % len(made)]
                    await self.say(reversal(chosen, by=author or chosen.by))
            case _:
                await self.say(action)

    async def say(self, notice: Notice) -> None:
        """An authority says something at its own gateway, which may refuse it."""
        here = notice.by.party

        def draft(new_id: str, by: AuthorityId, at: Any) -> Notice:
            return replace(notice, id=new_id, by=by, at=at)

        with suppress(UseRefused, NotFound):
            made = await give_notice(draft, REF, notice.by, "", "", self.nodes[here], Trail())
            self.said.append(made.notice)
            if isinstance(made.notice, StatusChange):
                assert (await self.known(here)).said is made.notice.status
        self.collect()

    def collect(self) -> None:
        """Put what the gateways send into the bag."""
        for each in self.nodes.values():
            for record in each.storage.state.messages.values():  # type: ignore[attr-defined]
                if record.direction is Direction.OUT and record.envelope not in self.seen:
                    self.seen.add(record.envelope)
                    self.bag.append((record.partner.upper(), record.envelope))

    async def hold(self, party: str) -> None:
        """The permit arrives."""
        permit, here = the_permit(), self.nodes[party]
        async with here.storage.write() as transaction:
            await transaction.permits.add(
                permit, digest=digest_of(permit), new_id=here.clock.new_id(), at=here.clock.now()
            )

    async def carry(self, index: int, *, again: bool) -> None:
        """Deliver one of the messages; perhaps it comes once more later."""
        if not self.bag:
            return
        party, data = self.bag[index % len(self.bag)]
        if not again:
            self.bag.remove((party, data))
        if not data:
            await self.hold(party)
            return
        answer = receipts.read(parse(await receive(data, self.nodes[party], Trail())).root)
        assert answer.outcome is not Outcome.REFUSED, answer.findings
        self.collect()

    def used(self, side: Side) -> Fraction:
        """The model: what was accepted at a border, less what was taken back, in kilograms."""
        gone = {each.reverses for each in self.said if isinstance(each, Reversal)}
        return sum(
            (
                Fraction(each.lines[0].quantity.value) * KILOGRAMS[each.lines[0].quantity.unit or ""]
                for each in self.said
                if isinstance(each, Endorsement) and each.side is side and each.id not in gone
            ),
            Fraction(0),
        )


async def played(happens: list[Any], clocks: tuple[int, int, int], order: list[int]) -> None:
    """Everything happens; then what is still on its way arrives; then all believe the same, and the truth."""
    world = World({party: node(party, ahead) for party, ahead in zip(PARTIES, clocks, strict=True)})
    await world.hold("CH")
    async with world.nodes["CH"].storage.write() as transaction:
        await transaction.notices.look(REF, DE_CUSTOMS, NOW)
    world.bag += [("FR", b""), ("DE", b"")]
    for action in happens:
        await world.act(action)
    for index in chain(order, iter(lambda: 0, None)):
        if not world.bag:
            break
        await world.carry(index, again=False)
    found = [await world.known(party) for party in PARTIES]
    for each in found:
        (balance,) = each.balances
        assert set(each.notices) == set(world.said)
        assert Fraction(balance.exported.value) == world.used(Side.EXPORT)
        assert Fraction(balance.imported.value) == world.used(Side.IMPORT)
        assert each.history == found[0].history
        assert each.counted == found[0].counted
        assert each.status(NOW) is found[0].status(NOW)
    assert all(world.used(side) <= ALLOWED for side in Side)


@given(actions, st.tuples(*[st.integers(-20, 20)] * 3), st.lists(st.integers(0, 50), max_size=20))
def test_everybody_comes_to_the_same_true_balance(
    happens: list[Any], clocks: tuple[int, int, int], order: list[int]
) -> None:
    asyncio.run(played(happens, clocks, order))
