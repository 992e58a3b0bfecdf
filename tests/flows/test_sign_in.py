"""Coming in to the console, staying, and going."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from support.gateways import SetClock, log_of, swiss
from support.memory import MemoryStorage
from support.people import CHEAP, PASSWORD, SECRET, WHERE, account, come_in, let_in, quick

from gateway.errors import GatewayBusy, MalformedRequest, NotFound, SignInRefused, TooManyRequests
from gateway.flows import hashing
from gateway.flows.hashing import Hashing
from gateway.flows.own_account import (
    change_password,
    choose_language,
    end_own_session,
    new_recovery_codes,
    own_sessions,
)
from gateway.flows.ports import Trail
from gateway.flows.sign_in import enrol, offer_factor, prove, sign_in, sign_out, visit_of
from gateway.people.lockout import LockoutSettings
from gateway.people.rights import Post
from gateway.people.sessions import Next, SessionSettings, Stage, next_for, session_hash
from gateway.people.totp import code_at


@pytest.fixture
def node():
    return quick(swiss(MemoryStorage(), SetClock()))


@pytest.fixture
async def ada(node):
    made = account("Ada", Post.OPERATOR, node)
    await let_in(node, made)
    return made


def code(node, **shift):
    return code_at(SECRET, node.clock.now() + timedelta(**shift))


async def outcomes(node):
    return [(entry.outcome, entry.actor) for entry in await log_of(node, kind="signed-in")]


async def test_password_and_code_open_a_session(node, ada):
    """Half-way opens nothing; the whole session has another token, and the half is gone."""
    half = await sign_in("ada", PASSWORD, WHERE, node, Trail())
    assert half.visit.session.stage is Stage.PASSWORD
    assert next_for(half.visit.account, half.visit.session.stage) is Next.SECOND_FACTOR
    whole = await prove(code(node), half.visit, WHERE, node, Trail())
    assert whole.token != half.token
    visit = await visit_of(whole.token, node)
    assert visit.account.person == ada.person
    assert (visit.session.stage, visit.session.address) == (Stage.FACTOR, "192.0.2.7")
    assert await visit_of(half.token, node) is None
    assert await outcomes(node) == [("second-factor", "Ada"), ("password", "Ada")]


async def test_what_the_cookie_holds_is_not_kept(node, ada):
    """Only its hash."""
    opened = await come_in("Ada", node)
    assert opened.token not in repr(node.storage.state.people.sessions)
    assert session_hash(opened.token) in repr(node.storage.state.people.sessions)


@pytest.mark.parametrize(
    ("name", "password", "changes", "why", "actor"),
    [
        ("Ada", PASSWORD + "x", {}, "wrong password", "Ada"),
        ("Eve", PASSWORD, {}, "no such account", "stranger"),
        ("Ada", PASSWORD, {"disabled": True}, "the account is disabled", "Ada"),
        ("Ada", PASSWORD, {"initial": timedelta(0)}, "the first password is too old", "Ada"),
    ],
)
async def test_every_refusal_sounds_the_same(node, name, password, changes, why, actor):
    """The log says which it was, and no name that is not that of an account."""
    made = account("Ada", Post.OPERATOR, node)
    if "disabled" in changes:
        made = replace(made, person=replace(made.person, disabled_at=node.clock.now()))
    if "initial" in changes:
        made = replace(made, initial_until=node.clock.now() + changes["initial"])
    await let_in(node, made)
    with pytest.raises(SignInRefused) as caught:
        await sign_in(name, password, WHERE, node, Trail())
    assert str(caught.value) == "this name, password or code is wrong, or the account is closed"
    (entry,) = await log_of(node)
    assert (entry.outcome, entry.detail, entry.actor) == ("refused", why, actor)
    assert node.storage.state.people.sessions == {}


async def test_an_unknown_name_costs_a_hash_too(node, ada, monkeypatch):
    """One comparison each, with the same parameters."""
    compared = []
    monkeypatch.setattr(hashing, "fits", lambda kept, *rest: bool(compared.append(kept)))
    for name in ("Ada", "Eve"):
        with pytest.raises(SignInRefused):
            await sign_in(name, PASSWORD, WHERE, node, Trail())
    assert len(compared) == 2
    assert [each.split("$")[:4] for each in compared] == [ada.password_hash.split("$")[:4]] * 2


async def test_a_code_is_good_once(node, ada):
    """Also in another session, and none before it."""
    await come_in("Ada", node)
    taken, earlier = code(node), code(node, seconds=-30)
    half = await sign_in("Ada", PASSWORD, WHERE, node, Trail())
    for used in (taken, earlier):
        with pytest.raises(SignInRefused):
            await prove(used, half.visit, WHERE, node, Trail())
    node.clock.forward(seconds=30)
    assert (await prove(code(node), half.visit, WHERE, node, Trail())).token


async def test_too_many_failures_wait_longer_each_time(node, ada):
    """The right password does not help while it lasts, and nothing is compared."""
    node.people = replace(node.people, lockout=LockoutSettings(failures=3, first_seconds=30))
    for _ in range(3):
        with pytest.raises(SignInRefused):
            await sign_in("Ada", "wrong", WHERE, node, Trail())
    for wait in (30, 60):
        with pytest.raises(TooManyRequests) as caught:
            await sign_in("Ada", PASSWORD, WHERE, node, Trail())
        assert caught.value.fields["retry_after"] == wait
        node.clock.forward(seconds=wait)
        with pytest.raises(SignInRefused):
            await sign_in("Ada", "wrong", WHERE, node, Trail())
    node.clock.forward(seconds=120)
    await come_in("Ada", node)
    with pytest.raises(SignInRefused):
        await sign_in("Ada", "wrong", WHERE, node, Trail())
    assert (await sign_in("Ada", PASSWORD, WHERE, node, Trail())).token


async def test_a_name_that_is_not_known_waits_as_well(node, ada):
    """Who waits does not learn from it that there is such an account."""
    for _ in range(5):
        with pytest.raises(SignInRefused):
            await sign_in("Eve", "wrong", WHERE, node, Trail())
    with pytest.raises(TooManyRequests):
        await sign_in("Eve", "wrong", WHERE, node, Trail())


async def test_a_right_password_forgives_no_wrong_code(node, ada):
    """Whoever knows the password cannot begin anew with it; the right code does not help meanwhile."""
    for _ in range(5):
        half = await sign_in("Ada", PASSWORD, WHERE, node, Trail())
        with pytest.raises(SignInRefused):
            await prove("000000", half.visit, WHERE, node, Trail())
    half = await sign_in("Ada", PASSWORD, WHERE, node, Trail())
    with pytest.raises(TooManyRequests):
        await prove(code(node), half.visit, WHERE, node, Trail())
    node.clock.forward(seconds=30)
    await prove(code(node), half.visit, WHERE, node, Trail())


async def test_an_address_that_tries_many_names_waits(node, ada):
    """Others are not hindered; those that come in cost their address nothing."""
    node.people = replace(node.people, lockout=LockoutSettings(address_failures=4))
    for _ in range(6):
        await come_in("Ada", node)
    for number in range(4):
        with pytest.raises(SignInRefused):
            await sign_in(f"name {number}", "wrong", WHERE, node, Trail())
    with pytest.raises(TooManyRequests):
        await sign_in("Ada", PASSWORD, WHERE, node, Trail())
    assert (await sign_in("Ada", PASSWORD, replace(WHERE, address="192.0.2.8"), node, Trail())).token


async def test_attempts_at_one_moment_cannot_all_be_free(node, ada):
    """Thirty at once: five are looked at."""
    results = await asyncio.gather(
        *(sign_in("Ada", "wrong", replace(WHERE, address=""), node, Trail()) for _ in range(15)),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in results) == ["SignInRefused"] * 5 + ["TooManyRequests"] * 10


async def test_more_passwords_than_can_be_hashed_are_told_to_wait(node):
    """Memory stays bounded."""
    slow = Hashing(CHEAP)
    slow._waiting = hashing.MOST_WAITING
    with pytest.raises(GatewayBusy):
        await slow.hash("x")


async def test_nobody_comes_in_without_a_second_factor(node):
    """It is set up at the first sign-in; the secret stays until it is proven, and is not shown again."""
    await let_in(node, replace(account("Ada", Post.OPERATOR, node), secret=b"", enrolled_at=None))
    half = await sign_in("Ada", PASSWORD, WHERE, node, Trail())
    assert next_for(half.visit.account, half.visit.session.stage) is Next.ENROL
    with pytest.raises(SignInRefused):
        await prove("000000", half.visit, WHERE, node, Trail())
    secret = await offer_factor(half.visit, node)
    assert await offer_factor(half.visit, node) == secret
    with pytest.raises(SignInRefused):
        await enrol("000000", half.visit, WHERE, node, Trail())
    good = code_at(secret, node.clock.now())
    whole = await enrol(good, half.visit, WHERE, node, Trail())
    assert (await visit_of(whole.token, node)).session.stage is Stage.FACTOR
    assert len(whole.recovery_codes) == 10
    again = await sign_in("Ada", PASSWORD, WHERE, node, Trail())
    with pytest.raises(SignInRefused):
        await offer_factor(again.visit, node)
    with pytest.raises(SignInRefused):
        await prove(good, again.visit, WHERE, node, Trail())
    with pytest.raises(SignInRefused):
        await enrol(
            code_at(secret, node.clock.now() + timedelta(seconds=30)), again.visit, WHERE, node, Trail()
        )


async def test_a_recovery_code_replaces_one_code(node, ada):
    """Once; new ones take the place of the old ones."""
    opened = await come_in("Ada", node)
    codes = await new_recovery_codes(opened.visit, node, Trail())
    half = await sign_in("Ada", PASSWORD, WHERE, node, Trail())
    whole = await prove(codes[0].lower(), half.visit, WHERE, node, Trail())
    assert (await own_sessions(whole.visit, node))[1] == 9
    half = await sign_in("Ada", PASSWORD, WHERE, node, Trail())
    with pytest.raises(SignInRefused):
        await prove(codes[0], half.visit, WHERE, node, Trail())
    await new_recovery_codes(opened.visit, node, Trail())
    with pytest.raises(SignInRefused):
        await prove(codes[1], half.visit, WHERE, node, Trail())


async def test_a_half_session_does_not_wait_for_ever(node, ada):
    """Ten minutes for the second factor; a whole session is no half one."""
    half = await sign_in("Ada", PASSWORD, WHERE, node, Trail())
    node.clock.forward(minutes=10)
    with pytest.raises(SignInRefused):
        await prove(code(node), half.visit, WHERE, node, Trail())
    whole = await come_in("Ada", node)
    node.clock.forward(seconds=60)
    with pytest.raises(SignInRefused):
        await prove(code(node), whole.visit, WHERE, node, Trail())


async def test_a_session_ends_when_nobody_is_there(node, ada):
    """A look within twenty minutes keeps it, for twelve hours."""
    node.people = replace(node.people, session=SessionSettings(idle_minutes=20, hours=1))
    opened = await come_in("Ada", node)
    for _ in range(3):
        node.clock.forward(minutes=19)
        assert await visit_of(opened.token, node) is not None
    node.clock.forward(minutes=3)
    assert await visit_of(opened.token, node) is None
    opened = await come_in("Ada", node)
    node.clock.forward(minutes=20)
    assert await visit_of(opened.token, node) is None


async def test_a_session_that_is_ended_opens_nothing(node, ada):
    """By signing out, one from the list, one too many, or with the account."""
    node.people = replace(node.people, session=SessionSettings(most=2))
    first, second, third = [await come_in("Ada", node) for _ in range(3)]
    assert await visit_of(first.token, node) is None
    await sign_out(third.visit, node, Trail())
    assert await visit_of(third.token, node) is None
    with pytest.raises(NotFound):
        await end_own_session(third.visit.session.id, second.visit, node, Trail())
    await end_own_session(second.visit.session.id, second.visit, node, Trail())
    assert await visit_of(second.token, node) is None
    fourth = await come_in("Ada", node)
    async with node.storage.write() as transaction:
        known = await transaction.people.get(ada.person.id)
        closed = replace(known, person=replace(known.person, disabled_at=node.clock.now()))
        await transaction.people.put(closed)
    assert await visit_of(fourth.token, node) is None
    assert await visit_of("guessed", node) is None


async def test_a_password_is_changed_by_who_knows_it(node, ada):
    """All other sessions end, this one gets a new token, and the old password is no good any more."""
    other, opened = await come_in("Ada", node), await come_in("Ada", node)
    for old, new, error in (
        (PASSWORD, "short", MalformedRequest),
        (PASSWORD, PASSWORD, MalformedRequest),
        ("wrong", "five unrelated words again", SignInRefused),
    ):
        with pytest.raises(error):
            await change_password(old, new, opened.visit, WHERE, node, Trail())
    fresh = await change_password(PASSWORD, "five unrelated words again", opened.visit, WHERE, node, Trail())
    assert await visit_of(fresh.token, node) is not None
    assert await visit_of(opened.token, node) is None
    assert await visit_of(other.token, node) is None
    with pytest.raises(SignInRefused):
        await sign_in("Ada", PASSWORD, WHERE, node, Trail())
    assert await come_in("Ada", node, "five unrelated words again")
    assert [e.outcome for e in await log_of(node, kind="changed")] == ["password-changed"]


async def test_guessing_the_present_password_from_inside_is_counted(node, ada):
    """A session that was left open is no way around the lockout."""
    opened = await come_in("Ada", node)
    for _ in range(5):
        with pytest.raises(SignInRefused):
            await change_password("wrong", "five unrelated words again", opened.visit, WHERE, node, Trail())
    with pytest.raises(TooManyRequests):
        await change_password(PASSWORD, "five unrelated words again", opened.visit, WHERE, node, Trail())


async def test_a_hash_is_renewed_when_its_parameters_have_changed(node, ada):
    """At the next sign-in, without anybody noticing."""
    stronger = replace(CHEAP, memory_kib=128)
    node.people, node.hashing = replace(node.people, password=stronger), Hashing(stronger)
    await come_in("Ada", node)
    async with node.storage.read() as transaction:
        kept = (await transaction.people.get(ada.person.id)).password_hash
    assert kept != ada.password_hash
    assert "$m=128," in kept
    await come_in("Ada", node)


async def test_a_language_is_kept(node, ada):
    """One of ours."""
    opened = await come_in("Ada", node)
    await choose_language("es", opened.visit, node)
    assert (await visit_of(opened.token, node)).account.person.language == "es"
    with pytest.raises(MalformedRequest):
        await choose_language("xx", opened.visit, node)
