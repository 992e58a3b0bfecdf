"""Two administrators agree on the page, each with password and code once more."""

import re

import pytest
from support.exchange import CH_MA
from support.people import PASSWORD, SECRET

from gateway.flows.learn import Known
from gateway.flows.trust_facts import facts_of
from gateway.flows.two_persons import serial_that_counts, settle, waiting_changes
from gateway.people.proposals import Fact, ProposalState
from gateway.people.rights import Post
from gateway.people.totp import code_at


@pytest.fixture
async def change(ch, browsers):
    """A change that waits: somebody has written another Party into a file."""
    ch.node.people = type(ch.node.people)(
        two_persons=True, password=ch.node.people.password, lockout=ch.node.people.lockout
    )
    known = Known(ch.node.directory, ch.node.trust, ch.node.tls)
    facts = facts_of(known)
    await settle(facts, ch.node)
    await settle(facts | {Fact("stands-behind", "fr", "DE:MA")}, ch.node)
    (waiting,) = await waiting_changes(ch.node)
    return waiting


def proof(ch, **changes: str) -> dict[str, str]:
    """What the form asks for, with the next code of the app."""
    ch.node.clock.forward(seconds=60)
    return {"password": PASSWORD, "code": code_at(SECRET, ch.node.clock.now()), "reason": "seen"} | changes


async def test_two_agree_and_one_twice_does_not(ch, signed_in, change):
    """The page shows each fact and the digest of exactly this change."""
    ada, ben = [await signed_in(name, Post.ADMINISTRATOR) for name in ("Ada", "Ben")]
    status, _, page = await ada.see("/console/trust")
    assert status == 200
    assert "fr speaks for DE:MA" in page
    assert change.digest in page
    place = f"/console/trust/{change.id}/agree"
    assert (await ada.send(place, **proof(ch, digest=change.digest)))[0] == 303
    assert "waits for a second administrator" in (await ben.see("/console/trust"))[2]
    status, _, page = await ada.send(place, **proof(ch, digest=change.digest))
    assert status == 403
    assert "you have agreed already" in page
    assert await serial_that_counts(ch.node) == 1
    assert (await ben.send(place, **proof(ch, digest=change.digest)))[0] == 303
    assert await serial_that_counts(ch.node) == 2
    page = (await ben.see("/console/trust"))[2]
    assert re.search(r"counts</span>\s*Ada\s+Ben", page)


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [("password", "wrong", 403), ("code", "000000", 403), ("digest", "0" * 64, 404), ("reason", "", 400)],
)
async def test_what_is_not_proven_is_not_done(ch, signed_in, change, field, value, status):
    """A session that was left open agrees to nothing."""
    ada = await signed_in("Ada", Post.ADMINISTRATOR)
    for act in ("agree", "refuse"):
        fields = proof(ch, digest=change.digest) | {field: value}
        assert (await ada.send(f"/console/trust/{change.id}/{act}", **fields))[0] == status
    (waiting,) = await waiting_changes(ch.node)
    assert waiting.state is ProposalState.FOUND


async def test_a_code_is_good_for_one_act(ch, signed_in, change):
    """Also when it opened the session."""
    ada = await signed_in("Ada", Post.ADMINISTRATOR)
    fields = proof(ch, digest="0" * 64)
    assert (await ada.send(f"/console/trust/{change.id}/agree", **fields))[0] == 404
    fields["digest"] = change.digest
    assert (await ada.send(f"/console/trust/{change.id}/agree", **fields))[0] == 403


async def test_who_sees_some_authorities_sees_no_change(ch, signed_in, change):
    """And agrees to none."""
    local = await signed_in("Local", Post.ADMINISTRATOR, CH_MA)
    assert change.digest not in (await local.see("/console/trust"))[2]
    for act in ("agree", "refuse"):
        fields = proof(ch, digest=change.digest)
        assert (await local.send(f"/console/trust/{change.id}/{act}", **fields))[0] == 404


async def test_one_refuses(ch, signed_in, change):
    """That is enough."""
    ada = await signed_in("Ada", Post.ADMINISTRATOR)
    assert (await ada.send(f"/console/trust/{change.id}/refuse", **proof(ch, digest=change.digest)))[0] == 303
    assert await waiting_changes(ch.node) == []


async def test_what_waits_stands_on_the_overview_of_who_can_agree(ch, signed_in, change):
    """And on nobody else's."""
    ada, eve = await signed_in("Ada", Post.ADMINISTRATOR), await signed_in("Eve", Post.OPERATOR)
    local = await signed_in("Local", Post.ADMINISTRATOR, CH_MA)
    assert change.digest in (await ada.see("/console"))[2]
    for other in (eve, local):
        status, _, page = await other.see("/console")
        assert (status, change.digest in page) == (200, False)
