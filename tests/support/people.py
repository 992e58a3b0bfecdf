"""Accounts for tests, with passwords that cost nothing to try."""

from dataclasses import replace
from typing import Any

from gateway.flows.hashing import Hashing
from gateway.flows.ports import Node, Trail
from gateway.flows.sign_in import Opened, Whereabouts, enrol, offer_factor, prove, sign_in
from gateway.people.account import Account
from gateway.people.passwords import PasswordSettings, hashed
from gateway.people.person import Person
from gateway.people.rights import Post
from gateway.people.settings import PeopleSettings
from gateway.people.totp import code_at

PASSWORD = "vier Wörter ohne Sinn"
CHEAP = PasswordSettings(memory_kib=64, passes=1, lanes=1)
SECRET = b"12345678901234567890"
WHERE = Whereabouts("192.0.2.7", "Browser")


def quick(node: Node, **changes: Any) -> Node:
    """The node, with cheap passwords and other settings about people."""
    people = PeopleSettings(password=CHEAP, **changes)
    node.people, node.hashing = people, Hashing(people.password)
    return node


def account(name: str, post: Post, node: Node, *authorities: Any, **changes: Any) -> Account:
    """Somebody with a password and a second factor of their own."""
    at = node.clock.now()
    person = Person(node.clock.new_id(), name, post, frozenset(authorities), created_at=at)
    made = Account(person, hashed(PASSWORD, CHEAP), at, secret=SECRET, enrolled_at=at)
    return replace(made, **changes)


async def let_in(node: Node, *accounts: Account) -> None:
    """Keep accounts."""
    async with node.storage.write() as transaction:
        for each in accounts:
            assert await transaction.people.add(each)


async def come_in(name: str, node: Node, password: str = PASSWORD) -> Opened:
    """Through both doors, at a moment at which no code was taken before."""
    node.clock.forward(seconds=90)
    half = await sign_in(name, password, WHERE, node, Trail())
    if half.visit.account.enrolled:
        code = code_at(half.visit.account.secret, node.clock.now())
        return await prove(code, half.visit, WHERE, node, Trail())
    secret = await offer_factor(half.visit, node)
    return await enrol(code_at(secret, node.clock.now()), half.visit, WHERE, node, Trail())
