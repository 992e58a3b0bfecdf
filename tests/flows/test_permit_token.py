"""A permit with a token is unknown to whoever does not know the token."""

from dataclasses import replace
from typing import Any

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS
from support.gateways import DirectCourier, SetClock, french, log_of, swiss
from support.memory import MemoryStorage
from support.permits import permit_bytes

from gateway.errors import IdempotencyKeyReused, MalformedRequest, TooManyGuesses
from gateway.exchange.directory import Directory
from gateway.flows import permit_token
from gateway.flows.check import Validity, check
from gateway.flows.guesses import Guesses, GuessLimits
from gateway.flows.issue import Issued, issue
from gateway.flows.permit_token import MAKE_ONE
from gateway.flows.ports import Node, Trail
from gateway.flows.validity_shape import validity_as_dict
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.token_id import TokenPolicy
from gateway.permits.verdict import Verdict

REF = PermitRef("CH", "CH-2026-000123")
UNKNOWN = PermitRef("CH", "CH-2026-999999")
TOKEN = "K7QM-2XVB-9HTD-RW4E"
WRONG = "K7QM-2XVB-9HTD-RW4F"
DE_CUSTOMS = AuthorityId.parse("DE:CUSTOMS")


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def ch(clock: SetClock) -> Node:
    """A hub of the issuing Party, where customs of a third Party live too."""
    node = swiss(MemoryStorage(), clock, token_policies={CH_MA: TokenPolicy.OPTIONAL})
    node.directory = Directory(frozenset({*node.directory.hosted, DE_CUSTOMS}), node.directory.partners)
    return node


@pytest.fixture
def fr(ch: Node, clock: SetClock) -> Node:
    """The gateway of customs, which has received nothing."""
    return french(MemoryStorage(), clock, enquirer=DirectCourier(ch))


async def issued(node: Node, token: str = TOKEN, **changes: Any) -> Issued:
    """The permit is issued with a token."""
    return await issue(permit_bytes(REF.number, **changes), CH_MA, "", node, Trail(), token=token)


async def asked(node: Node, caller: AuthorityId, token: str = "", ref: PermitRef = REF) -> Validity:
    """Somebody asks."""
    return await check(ref, caller, node, Trail(), token=token)


def told(answer: Validity) -> dict[str, Any]:
    """What the caller is told, but for the number that it asked about."""
    shape = validity_as_dict(answer)
    text = str(shape["reasons"]).replace(answer.ref.number, "NUMBER")
    return shape | {"number": "NUMBER", "reasons": text}


async def test_the_token_opens_the_permit(ch: Node) -> None:
    """A third Party that knows it gets its answer."""
    await issued(ch)
    assert (await asked(ch, DE_CUSTOMS, TOKEN)).known


@pytest.mark.parametrize("token", ["", WRONG])
async def test_without_it_the_permit_is_as_unknown_as_one_that_is_not_there(ch: Node, token: str) -> None:
    """Word for word."""
    await issued(ch)
    refused = await asked(ch, DE_CUSTOMS, token)
    assert not refused.known
    assert told(refused) == told(await asked(ch, DE_CUSTOMS, token, UNKNOWN))
    async with ch.storage.read() as transaction:
        assert await transaction.notices.viewers(REF) == []


@pytest.mark.parametrize("caller", [CH_MA, CH_CUSTOMS])
async def test_who_was_handed_the_permit_needs_none(ch: Node, caller: AuthorityId) -> None:
    """It lies in the inbox there; but a wrong token is wrong, whoever gives it."""
    await issued(ch)
    assert (await asked(ch, caller)).known
    assert (await asked(ch, caller, TOKEN)).known
    assert not (await asked(ch, caller, WRONG)).known


async def test_an_importing_party_elsewhere_is_not_handed_it_here(ch: Node, fr: Node) -> None:
    """Its question needs the token, which travels in the signed envelope; both logs stay without it."""
    await issued(ch)
    assert (await asked(fr, FR_CUSTOMS)).verdict is Verdict.CHECK_WITH_ISSUER
    answer = await asked(fr, FR_CUSTOMS, TOKEN)
    assert answer.verdict is Verdict.VALID
    for node in (ch, fr):
        entries = await log_of(node)
        assert entries
        assert all(TOKEN not in str(entry.as_dict()) for entry in entries)
    assert all(TOKEN not in str(record) for record in fr.storage.state.messages.values())
    assert all(TOKEN not in str(record) for record in ch.storage.state.messages.values())


async def test_the_log_says_why(ch: Node) -> None:
    """The operator sees a wrong and a missing token, and never which one it was."""
    await issued(ch)
    await asked(ch, DE_CUSTOMS, WRONG)
    await asked(ch, DE_CUSTOMS)
    missing, wrong = await log_of(ch, kind="asked")
    assert "the token is wrong" in wrong.detail
    assert "no token was given" in missing.detail
    assert wrong.outcome == missing.outcome == "unknown"
    assert "seen as foreign-customs" in wrong.detail
    assert WRONG not in str(wrong.as_dict())


async def test_a_permit_without_a_token_is_open(ch: Node) -> None:
    """Whatever token is given, and it is not counted as a guess."""
    ch.guesses = Guesses(GuessLimits(wrong_per_permit=1))
    await issued(ch, token="")
    for token in ("", WRONG, WRONG, WRONG):
        assert (await asked(ch, DE_CUSTOMS, token)).known


async def test_guesses_end(ch: Node, clock: SetClock) -> None:
    """After so many the right one is not taken either, known permit or not; time heals it."""
    ch.guesses = Guesses(GuessLimits(wrong_per_permit=2))
    await issued(ch)
    for ref in (REF, UNKNOWN):
        for _ in range(2):
            assert not (await asked(ch, DE_CUSTOMS, WRONG, ref)).known
        with pytest.raises(TooManyGuesses):
            await asked(ch, DE_CUSTOMS, TOKEN, ref)
    assert (await asked(ch, CH_MA)).known
    clock.forward(hours=1)
    assert (await asked(ch, DE_CUSTOMS, TOKEN)).known


async def test_a_throttled_partner_is_told_as_silence(ch: Node, fr: Node) -> None:
    """The caller hears that the issuer gave no answer, not whether there is such a permit."""
    ch.guesses = Guesses(GuessLimits(wrong_per_caller=1))
    await issued(ch)
    await asked(fr, FR_CUSTOMS, WRONG)
    answer = await asked(fr, FR_CUSTOMS, WRONG)
    assert answer.reasons[-1].rule == "issuer.no-answer"


async def test_a_gateway_that_has_no_tokens_counts_none(ch: Node, fr: Node) -> None:
    """A right token for a permit that is not here is no guess here."""
    fr.guesses = Guesses(GuessLimits(wrong_per_caller=1))
    await issued(ch)
    for _ in range(3):
        assert (await asked(fr, FR_CUSTOMS, TOKEN)).verdict is Verdict.VALID


async def test_something_is_compared_where_nothing_is_kept(ch: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that an unknown permit takes as long."""
    compared: list[str] = []
    monkeypatch.setattr(permit_token, "fits", lambda token, _kept: compared.append(token) or False)
    await asked(ch, DE_CUSTOMS, WRONG, UNKNOWN)
    assert compared == [WRONG]


async def test_a_token_that_cannot_be_one(ch: Node) -> None:
    """Refused before anything is asked."""
    with pytest.raises(MalformedRequest, match="8 to 64"):
        await asked(ch, DE_CUSTOMS, "short")


@pytest.mark.parametrize(
    ("policy", "given", "made"),
    [
        (TokenPolicy.NONE, "", False),
        (TokenPolicy.OPTIONAL, "", False),
        (TokenPolicy.OPTIONAL, MAKE_ONE, True),
        (TokenPolicy.REQUIRED, "", True),
        (TokenPolicy.REQUIRED, MAKE_ONE, True),
    ],
)
async def test_the_policy_of_the_authority(ch: Node, policy: TokenPolicy, given: str, made: bool) -> None:  # noqa: FBT001 - a parameter
    """None, one that is asked for, one for every permit; it is told once."""
    ch.token_policies = {CH_MA: policy}
    answer = await issued(ch, token=given)
    assert bool(answer.token) is made
    assert (await asked(ch, DE_CUSTOMS)).known is not made
    if made:
        assert (await asked(ch, DE_CUSTOMS, answer.token)).known
    assert (await issued(ch, token=given)).token == ""


async def test_an_authority_without_tokens_refuses_one(ch: Node) -> None:
    """Rather than let it think that the permit is guarded."""
    with pytest.raises(MalformedRequest, match="no tokens"):
        await issued(replace(ch, token_policies={}))
    async with ch.storage.read() as transaction:
        assert await transaction.permits.find(REF) is None


async def test_the_same_permit_with_another_token(ch: Node) -> None:
    """The token of an issued permit stays; the same one again is a repetition."""
    await issued(ch)
    assert (await issued(ch)).repeated
    assert (await issued(ch, token="")).repeated
    with pytest.raises(IdempotencyKeyReused):
        await issued(ch, token=WRONG)
    assert (await asked(ch, DE_CUSTOMS, TOKEN)).known


async def test_only_a_hash_is_stored(ch: Node) -> None:
    """The token is nowhere in what is kept, nor in what goes to a partner."""
    await issued(ch)
    state = ch.storage.state
    assert REF in state.permit_tokens
    assert all(
        TOKEN not in str(kept) and TOKEN.encode() not in getattr(kept, "envelope", b"")
        for table in (state.permits, state.messages, state.submissions, state.permit_tokens, state.log)
        for kept in table.values()
    )
