"""What `ecites user` does in the database."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

import typer

from gateway.cli.codes_text import print_table
from gateway.cli.operating import with_node
from gateway.cli.render import print_json
from gateway.config import Settings
from gateway.errors import MalformedRequest, NotFound
from gateway.flows import manage_people
from gateway.flows.manage_people import LetIn, Manager, add_person, all_people, one_person, set_password
from gateway.flows.ports import Node
from gateway.people.account import Account
from gateway.people.rights import Post
from gateway.people.sessions import Session
from gateway.permits.identity import AuthorityId

T = TypeVar("T")

_LOOKS = Manager("", "")
"""Who only looks leaves nothing in the log: the database lies open before them."""


class Act(Enum):
    """What is done to an account, and what is said then."""

    DISABLE = (manage_people.disable_person, "disabled")
    ENABLE = (manage_people.enable_person, "enabled")
    RESET = (manage_people.reset_second_factor, "has no second factor any more")
    SESSIONS = (manage_people.end_sessions, "is signed in nowhere")

    def __init__(self, act: Callable[[str, Node, Manager], Awaitable[object]], said: str) -> None:
        """A flow and its words."""
        self.act = act
        self.said = said


def add_user(
    settings: Settings,
    manager: Manager,
    name: str,
    post: Post,
    authorities: Sequence[str],
    language: str,
    *,
    json: bool,
) -> None:
    """Let somebody in, and show the first password; ends with a usage error for what cannot be."""
    hosted = settings.directory().hosted
    try:
        seen = [AuthorityId.parse(each) for each in authorities]
    except MalformedRequest as error:
        raise typer.BadParameter(f"{error.message}; {error.advice}", param_hint="--authority") from None
    for each in seen:
        if each not in hosted:
            known = ", ".join(map(str, sorted(hosted)))
            raise typer.BadParameter(f"{each} does not live here; known: {known}", param_hint="--authority")

    async def act(node: Node) -> LetIn:
        return await add_person(name, post, seen, language, node, manager)

    _show_password(_usage(settings, act), json=json)


def list_users(settings: Settings, *, json: bool) -> None:
    """Everybody, as a table or as one JSON object."""

    async def look(node: Node) -> list[Account]:
        return await all_people(node, _LOOKS)

    accounts = with_node(settings, look)
    if json:
        print_json({"users": [as_dict(each) for each in accounts]})
        return
    print_table(
        ("NAME", "POST", "SEES", "STATE"),
        [(a.person.name, a.person.post.value, _sees(a), state_of(a)) for a in accounts],
    )


def show_user(settings: Settings, name: str, *, json: bool) -> None:
    """One account and its sessions."""

    async def look(node: Node) -> tuple[Account, list[Session]]:
        return await one_person(await manage_people.person_id_of(name, node), node, _LOOKS)

    account, sessions = _usage(settings, look)
    if json:
        print_json({**as_dict(account), "sessions": [_session(each) for each in sessions]})
        return
    typer.echo(f"{account.person.name}: {account.person.post.value}, {state_of(account)}")
    typer.echo(f"  sees           {_sees(account)}")
    typer.echo(f"  language       {account.person.language}")
    typer.echo(f"  password of    {_day(account.password_at)}")
    typer.echo(f"  second factor  {_day(account.enrolled_at)}")
    for each in sessions:
        typer.echo(f"  signed in      {_day(each.created_at)}, seen {_day(each.seen_at)}, {each.address}")


def do(act: Act, settings: Settings, manager: Manager, name: str, *, json: bool) -> None:
    """One act on one account."""

    async def run(node: Node) -> Account:
        person_id = await manage_people.person_id_of(name, node)
        await act.act(person_id, node, manager)
        return (await one_person(person_id, node, _LOOKS))[0]

    account = _usage(settings, run)
    if json:
        print_json(as_dict(account))
    else:
        typer.echo(f"{account.person.name} {act.said}")


def new_password(settings: Settings, manager: Manager, name: str, password: str, *, json: bool) -> None:
    """A new first password; it is shown when it was made here."""

    async def run(node: Node) -> LetIn:
        return await set_password(
            await manage_people.person_id_of(name, node), node, manager, password=password
        )

    made = _usage(settings, run)
    if password:
        made = LetIn(made.account, "")
    _show_password(made, json=json)


def state_of(account: Account) -> str:
    """In a word or two."""
    if account.person.disabled_at is not None:
        return "disabled"
    if not account.enrolled:
        return "no second factor yet"
    return "first password" if account.initial_until is not None else "active"


def as_dict(account: Account) -> dict[str, Any]:
    """The JSON shape; no secret."""
    person = account.person
    return {
        "name": person.name,
        "post": person.post.value,
        "authorities": sorted(map(str, person.authorities)),
        "language": person.language,
        "state": state_of(account),
        "created_at": _iso(person.created_at),
        "disabled_at": _iso(person.disabled_at),
        "password_at": _iso(account.password_at),
        "first_password_until": _iso(account.initial_until),
        "second_factor_at": _iso(account.enrolled_at),
    }


def _usage(settings: Settings, work: Callable[[Node], Awaitable[T]]) -> T:
    """Run something on the database; what was asked wrongly is a usage error."""
    try:
        return with_node(settings, work)
    except (MalformedRequest, NotFound) as error:
        advice = f"; {error.advice}" if error.advice else ""
        raise typer.BadParameter(f"{error.message}{advice}", param_hint="NAME") from None


def _show_password(made: LetIn, *, json: bool) -> None:
    """A first password, this once; empty: the one who gave it knows it."""
    if json:
        print_json({**as_dict(made.account), "first_password": made.password or None})
        return
    until = made.account.initial_until
    typer.echo(f"{made.account.person.name}  {made.password}".rstrip())
    typer.echo(f"good for one sign-in before {_day(until)}; it is changed there")


def _sees(account: Account) -> str:
    """Whose data, in words."""
    return " ".join(sorted(map(str, account.person.authorities))) or "all authorities"


def _session(session: Session) -> dict[str, Any]:
    """The JSON shape of a session; nothing opens it."""
    return {
        "since": _iso(session.created_at),
        "seen_at": _iso(session.seen_at),
        "address": session.address,
        "browser": session.agent,
    }


def _day(at: datetime | None) -> str:
    """For people."""
    return f"{at:%Y-%m-%d %H:%M} UTC" if at is not None else "none yet"


def _iso(at: datetime | None) -> str | None:
    """For machines."""
    return at.isoformat() if at is not None else None
