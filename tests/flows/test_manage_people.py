"""Administrators let people in, change what they may do, and send them away."""

from dataclasses import replace

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_MA
from support.gateways import SetClock, log_of, swiss
from support.memory import MemoryStorage
from support.people import PASSWORD, WHERE, account, come_in, let_in, quick

from gateway.errors import Forbidden, MalformedRequest, NotFound, SignInRefused
from gateway.flows.manage_people import (
    Manager,
    add_person,
    all_people,
    change_person,
    disable_person,
    enable_person,
    end_sessions,
    one_person,
    reset_second_factor,
    set_password,
)
from gateway.flows.own_account import change_password
from gateway.flows.ports import Trail
from gateway.flows.sign_in import sign_in, visit_of
from gateway.people.rights import Post
from gateway.people.sessions import Next, next_for

SHELL = Manager("root", "first one")
ADMIN, AUDITOR, MA = Post.ADMINISTRATOR, Post.AUDITOR, Post.MA_OFFICER
ONE = frozenset({CH_MA})


@pytest.fixture
def node():
    return quick(swiss(MemoryStorage(), SetClock()))


@pytest.fixture
async def boss(node):
    made = account("Boss", ADMIN, node)
    await let_in(node, made)
    return Manager("Boss", "asked by letter", made.person)


@pytest.fixture
async def local(node, boss):
    """An administrator of the Swiss Management Authority alone."""
    made = account("Local", ADMIN, node, CH_MA, CH_CUSTOMS)
    await let_in(node, made)
    return Manager("Local", "asked", made.person)


async def test_a_first_password_is_changed_at_the_first_sign_in(node, boss):
    """Set up the second factor, then choose a password; until then the session opens nothing else."""
    made = await add_person(" Ada ", MA, {CH_MA}, "fr", node, boss)
    assert made.account.person.name == "Ada"
    assert made.password not in repr(node.storage.state)
    opened = await come_in("Ada", node, made.password)
    visit = await visit_of(opened.token, node)
    assert next_for(visit.account, visit.session.stage) is Next.PASSWORD
    fresh = await change_password(made.password, PASSWORD, visit, WHERE, node, Trail())
    assert next_for(fresh.visit.account, fresh.visit.session.stage) is Next.NOTHING
    (entry,) = await log_of(node, outcome="person-added")
    assert (entry.actor, entry.detail) == ("Boss", "Ada, ma-officer, sees CH:MA: asked by letter")


async def test_a_first_password_does_not_wait_for_ever(node, boss):
    """Seven days."""
    made = await add_person("Ada", AUDITOR, (), "en", node, boss)
    node.clock.forward(days=7)
    with pytest.raises(SignInRefused):
        await sign_in("Ada", made.password, WHERE, node, Trail())


@pytest.mark.parametrize(
    ("name", "post", "authorities", "error"),
    [
        ("", AUDITOR, (), MalformedRequest),
        ("x" * 65, AUDITOR, (), MalformedRequest),
        ("two\nlines", AUDITOR, (), MalformedRequest),
        ("Gateway", AUDITOR, (), MalformedRequest),
        ("bOSS", AUDITOR, (), MalformedRequest),
        ("Ada", MA, (), MalformedRequest),
        ("Ada", Post.CUSTOMS_OFFICER, (), MalformedRequest),
    ],
)
async def test_an_account_that_cannot_be(node, boss, name, post, authorities, error):
    """A name that the log cannot hold or that is taken; an officer of nobody."""
    with pytest.raises(error):
        await add_person(name, post, authorities, "en", node, boss)
    assert len(await all_people(node, boss)) == 1


async def test_who_sees_some_authorities_looks_after_those_alone(node, boss, local):
    """Others are not there for them; and they give nobody more than they have."""
    outside = account("Out", MA, node, FR_MA)
    inside = account("In", MA, node, CH_MA)
    await let_in(node, outside, inside)
    assert [each.person.name for each in await all_people(node, local)] == ["In", "Local"]
    for person in (outside.person.id, boss.person.id, "unknown"):
        for act in (
            one_person,
            disable_person,
            enable_person,
            set_password,
            reset_second_factor,
            end_sessions,
        ):
            with pytest.raises(NotFound) as caught:
                await act(person, node, local)
            assert str(caught.value) == "there is no such person, or none whom you look after"
        with pytest.raises(NotFound):
            await change_person(person, MA, {CH_MA}, node, local)
    for given in ((), (FR_MA,), (CH_MA, FR_MA)):
        with pytest.raises(Forbidden):
            await add_person("New", AUDITOR, given, "en", node, local)
    with pytest.raises(Forbidden):
        await change_person(inside.person.id, ADMIN, (), node, local)
    assert (await change_person(inside.person.id, AUDITOR, {CH_CUSTOMS}, node, local)).person.post is AUDITOR


async def test_nobody_changes_their_own_rights(node, boss, local):
    """Another administrator does."""
    for act in (disable_person, set_password, reset_second_factor):
        with pytest.raises(Forbidden):
            await act(boss.person.id, node, boss)
    with pytest.raises(Forbidden):
        await change_person(local.person.id, ADMIN, {CH_MA}, node, local)


async def test_the_last_administrator_stays(node, boss, local):
    """Neither closed nor given another post, also not with a command; one of some authorities is none."""
    with pytest.raises(Forbidden):
        await disable_person(boss.person.id, node, SHELL)
    with pytest.raises(Forbidden):
        await change_person(boss.person.id, AUDITOR, (), node, SHELL)
    with pytest.raises(Forbidden):
        await change_person(boss.person.id, ADMIN, {CH_MA}, node, SHELL)
    assert await visit_of((await come_in("Boss", node)).token, node)
    await add_person("Second", ADMIN, (), "en", node, SHELL)
    await disable_person(boss.person.id, node, SHELL)
    await disable_person(local.person.id, node, SHELL)


@pytest.mark.parametrize("act", [disable_person, set_password, reset_second_factor, end_sessions])
async def test_who_is_in_is_out_at_once(node, boss, act):
    """The session is gone with the act."""
    await let_in(node, ada := account("Ada", AUDITOR, node))
    opened = await come_in("Ada", node)
    await act(ada.person.id, node, boss)
    assert await visit_of(opened.token, node) is None


async def test_a_reset_second_factor_is_set_up_anew(node, boss):
    """The old one and its recovery codes are good for nothing."""
    await let_in(node, ada := account("Ada", AUDITOR, node))
    async with node.storage.write() as transaction:
        await transaction.people.put_recovery_codes(ada.person.id, ["x"])
    await reset_second_factor(ada.person.id, node, boss)
    half = await sign_in("Ada", PASSWORD, WHERE, node, Trail())
    assert next_for(half.visit.account, half.visit.session.stage) is Next.ENROL
    assert node.storage.state.people.recovery_codes == frozenset()


async def test_an_account_opens_again_with_what_it_had(node, boss):
    """Password and second factor."""
    await let_in(node, ada := account("Ada", AUDITOR, node))
    await disable_person(ada.person.id, node, boss)
    with pytest.raises(SignInRefused):
        await sign_in("Ada", PASSWORD, WHERE, node, Trail())
    await enable_person(ada.person.id, node, boss)
    await come_in("Ada", node)
    assert [e.outcome for e in await log_of(node, kind="changed")] == ["person-enabled", "person-disabled"]


async def test_one_session_ends_and_the_others_go_on(node, boss):
    """The list shows whole sessions that have not ended by themselves."""
    await let_in(node, ada := account("Ada", AUDITOR, node))
    first, second = await come_in("Ada", node), await come_in("Ada", node)
    await sign_in("Ada", PASSWORD, WHERE, node, Trail())
    _, listed = await one_person(ada.person.id, node, boss)
    assert {each.id for each in listed} == {first.visit.session.id, second.visit.session.id}
    assert await end_sessions(ada.person.id, node, boss, first.visit.session.id) == 1
    assert await visit_of(first.token, node) is None
    assert await visit_of(second.token, node) is not None
    with pytest.raises(NotFound):
        await end_sessions(ada.person.id, node, boss, first.visit.session.id)


async def test_the_log_knows_who_stands_behind_an_account(node, boss):
    """Whoever let somebody in, or gave them a password or second factor."""
    made = await add_person("Ada", AUDITOR, (), "en", node, boss)
    assert made.account.vouched_by == boss.person.id
    assert (await add_person("Ben", AUDITOR, (), "en", node, SHELL)).account.vouched_by == ""
    assert (await set_password(made.account.person.id, node, SHELL)).account.vouched_by == ""
    assert (await reset_second_factor(made.account.person.id, node, boss)).vouched_by == boss.person.id
    node.people = replace(node.people, two_persons=True)
    assert (await set_password(made.account.person.id, node, SHELL)).account.vouched_by == "shell"
