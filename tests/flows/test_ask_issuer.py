"""A permit that is not here: the issuer's gateway is asked, and answers with its signature or not at all."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from support.exchange import CH_MA, FR_CUSTOMS
from support.gateways import DirectCourier, SetClock, french, gateway_key, log_of, swiss
from support.memory import MemoryStorage
from support.permits import permit_bytes

from gateway.errors import PartnerUnreachable
from gateway.exchange.channels import Allowed
from gateway.exchange.directory import Directory, Partner
from gateway.exchange.message import Kind
from gateway.exchange.records import Direction
from gateway.flows.check import check
from gateway.flows.give_notice import give_notice
from gateway.flows.issue import issue
from gateway.flows.ports import Node, Trail
from gateway.permits.identity import PermitRef
from gateway.permits.notices import PermitStatus, StatusChange
from gateway.permits.verdict import Verdict
from gateway.signatures.sign import sign
from gateway.xmlio.parse import parse

REF = PermitRef("CH", "CH-2026-000123")


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def ch(clock: SetClock) -> Node:
    """The issuer's gateway."""
    return swiss(MemoryStorage(), clock)


@pytest.fixture
def fr(ch: Node, clock: SetClock) -> Node:
    """The gateway of customs, which has received nothing."""
    return french(MemoryStorage(), clock, enquirer=DirectCourier(ch))


async def issued(ch: Node) -> None:
    """The permit is issued, and nothing has been sent yet."""
    await issue(permit_bytes(REF.number), CH_MA, "", ch, Trail())


async def asked(fr: Node) -> Any:
    """Customs ask."""
    return await check(REF, FR_CUSTOMS, fr, Trail())


async def test_the_issuer_is_asked(ch: Node, fr: Node) -> None:
    """Not here, and valid because its issuer says so, with all that it says; both logs tell of it."""
    await issued(ch)
    answer = await asked(fr)
    assert (answer.known, answer.verdict) == (False, Verdict.VALID)
    assert answer.issuer_says.body["balances"][0]["left"] == "40"
    assert [reason.rule for reason in answer.reasons] == ["known.not-here", "issuer.valid"]
    (there,) = await log_of(ch, kind="asked")
    assert (there.actor, there.authority, there.outcome) == ("FR:CUSTOMS", "FR:CUSTOMS", "valid")
    assert (await log_of(fr, kind="asked"))[0].outcome == "valid"


async def test_who_asked_hears_what_becomes_of_it(ch: Node, fr: Node) -> None:
    """The issuer's gateway remembers who asked, and a cancellation makes the next answer a no."""
    await issued(ch)
    await asked(fr)
    async with ch.storage.read() as transaction:
        assert await transaction.notices.viewers(REF) == [FR_CUSTOMS]
    await give_notice(
        lambda new_id, by, at: StatusChange(
            new_id, REF, by, at, status=PermitStatus.CANCELLED, reason="test"
        ),
        REF,
        CH_MA,
        "",
        "",
        ch,
        Trail(),
    )
    assert (await asked(fr)).verdict is Verdict.NOT_VALID


async def test_the_issuer_does_not_know_it(fr: Node) -> None:
    """Neither here nor there: no verdict against it, and the officer is told whom to ask."""
    answer = await asked(fr)
    assert answer.verdict is Verdict.CHECK_WITH_ISSUER
    assert answer.issuer_says.body["known"] is False


async def test_an_issuer_that_lives_here(ch: Node) -> None:
    """Its own gateway asks nobody, and says that it was not issued electronically."""
    answer = await check(REF, CH_MA, replace(ch, enquirer=DirectCourier(ch)), Trail())
    assert [reason.rule for reason in answer.reasons] == ["known.not-here", "issuer.knows-none"]


async def test_silence(ch: Node, fr: Node) -> None:
    """A partner that cannot be reached is a reason, not an error."""
    fr.enquirer.failures.append(PartnerUnreachable("it is away"))
    answer = await asked(fr)
    assert answer.verdict is Verdict.CHECK_WITH_ISSUER
    assert answer.reasons[-1].rule == "issuer.no-answer"
    assert "it is away" in answer.reasons[-1].message


class Mute:
    """Takes a question and never answers."""

    async def carry(self, _partner: Partner, _data: bytes) -> bytes:
        """For ever."""
        await asyncio.Event().wait()
        raise AssertionError


async def test_no_answer_in_time(fr: Node) -> None:
    """Customs do not wait for ever."""
    answer = await asked(replace(fr, enquirer=Mute(), enquiry_seconds=0.01))
    assert "no answer within 0.01 s" in answer.reasons[-1].message


class Lying:
    """Changes the answer on its way."""

    def __init__(self, there: DirectCourier, change: Any) -> None:
        """`change` gets the answer and returns another."""
        self.there, self.change = there, change

    async def carry(self, partner: Partner, data: bytes) -> bytes:
        """As the other one, changed."""
        return self.change(await self.there.carry(partner, data))


def resigned_by_another(data: bytes) -> bytes:
    """The same answer, signed by somebody else."""
    root = parse(data).root
    root.remove(root[-1])
    return sign(root, gateway_key("FR"))


@pytest.mark.parametrize(
    "change",
    [lambda data: data.replace(b">valid<", b">not-valid<"), lambda _: b"<rubbish/>", resigned_by_another],
    ids=["altered", "rubbish", "another signer"],
)
async def test_an_answer_that_cannot_be_believed(ch: Node, fr: Node, change: Any) -> None:
    """It is no answer."""
    await issued(ch)
    answer = await asked(replace(fr, enquirer=Lying(fr.enquirer, change)))
    assert (answer.verdict, answer.issuer_says) == (Verdict.CHECK_WITH_ISSUER, None)


async def test_an_answer_to_another_question(ch: Node, fr: Node) -> None:
    """An old answer is not taken for a new one."""
    await issued(ch)
    kept: list[bytes] = []

    def old(data: bytes) -> bytes:
        kept.append(data)
        return kept[0]

    node = replace(fr, enquirer=Lying(fr.enquirer, old))
    assert (await asked(node)).verdict is Verdict.VALID
    assert "another question" in (await asked(node)).reasons[-1].message


async def test_a_partner_that_may_not_ask(ch: Node, fr: Node) -> None:
    """What partners may send here counts for questions too."""
    await issued(ch)
    partner = replace(
        ch.directory.partners["fr"],
        allowed=(Allowed(Direction.IN, Kind.PERMIT), Allowed(Direction.OUT, Kind.PERMIT)),
    )
    ch.directory = Directory(ch.directory.hosted, {"fr": partner})
    answer = await asked(fr)
    assert "may not ask" in answer.reasons[-1].message


async def test_a_node_that_asks_nobody(ch: Node, fr: Node) -> None:
    """Without a way out nobody is asked."""
    answer = await asked(replace(fr, enquirer=None))
    assert answer.reasons[-1].rule == "issuer.not-reachable"
