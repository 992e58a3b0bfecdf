"""`ecites user`: who may sign in to the console."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import (
    DEFAULT_CONFIG,
    Config,
    Json,
    Language,
    Reason,
    Who,
    Yes,
    author_of,
)
from gateway.people.rights import Post

if TYPE_CHECKING:
    from gateway.flows.manage_people import Manager

app = typer.Typer(help="Say who may sign in to the console.", no_args_is_help=True)
factor = typer.Typer(help="Second factors.", no_args_is_help=True)
visits = typer.Typer(help="Where people are signed in.", no_args_is_help=True)
app.add_typer(factor, name="second-factor")
app.add_typer(visits, name="sessions")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Under which the person signs in.")]


@factor.callback()
def factor_group() -> None:
    """Second factors."""


@visits.callback()
def visits_group() -> None:
    """Where people are signed in."""


@app.command()
def add(
    name: Name,
    post: Annotated[Post, typer.Option(help="As what the person works here.")],
    reason: Reason,
    authority: Annotated[
        list[str] | None,
        typer.Option(help="Whose data they see, such as CH:MA; may be repeated. All otherwise."),
    ] = None,
    language: Annotated[Language, typer.Option("--language", "-l", help="In which they read.")] = Language.EN,
    who: Who = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Let somebody in: shows a first password, this once.

    At the first sign-in a second factor is set up and the password is changed. Officers see the data of the
    authorities that are named, and of no others. The message log keeps who let them in and why.
    """
    from gateway.cli.users import add_user
    from gateway.config import load

    manager = _manager(who, reason, json=json)
    add_user(load(config), manager, name, post, tuple(authority or ()), language.value, json=json)


@app.command("list")
def list_(config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """List everybody who has an account."""
    from gateway.cli.users import list_users
    from gateway.config import load

    list_users(load(config), json=json)


@app.command()
def show(name: Name, config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """Show an account: post, authorities, second factor, and where it is signed in."""
    from gateway.cli.users import show_user
    from gateway.config import load

    show_user(load(config), name, json=json)


@app.command()
def disable(
    name: Name,
    reason: Reason,
    who: Who = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Close an account: who is signed in is out at once. It can be opened again."""
    from gateway.cli.users import Act, do
    from gateway.config import load

    do(Act.DISABLE, load(config), _manager(who, reason, json=json), name, json=json)


@app.command()
def enable(
    name: Name,
    reason: Reason,
    who: Who = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Open an account again, with the password and second factor that it had."""
    from gateway.cli.users import Act, do
    from gateway.config import load

    do(Act.ENABLE, load(config), _manager(who, reason, json=json), name, json=json)


@app.command()
def password(
    name: Name,
    reason: Reason,
    file: Annotated[
        Path | None,
        typer.Option(help="Holds the password in its first line.", exists=True, dir_okay=False),
    ] = None,
    generate: Annotated[
        bool, typer.Option("--generate", help="Make one and show it, instead of asking for it.")
    ] = False,
    who: Who = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Give somebody a new first password: asked for twice, read from a file, or made here.

    It is good for one sign-in, at which they change it. All their sessions end.
    """
    from gateway.cli.users import new_password
    from gateway.config import load

    if file is not None and generate:
        raise typer.BadParameter("say --file or --generate, not both", param_hint="--generate")
    manager = _manager(who, reason, json=json)
    given = "" if generate else _password(file)
    new_password(load(config), manager, name, given, json=json)


@factor.command("reset")
def reset(
    name: Name,
    reason: Reason,
    who: Who = None,
    yes: Yes = False,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Take somebody's second factor and recovery codes away; they set up new ones at the next sign-in.

    Be sure that it is them who ask: whoever knows the password can do that. All their sessions end.
    """
    from gateway.cli.users import Act, do
    from gateway.config import load

    if json and not yes:
        raise typer.BadParameter("nobody can be asked when JSON is wanted; add --yes", param_hint="--json")
    manager = _manager(who, reason, json=json)
    if not yes:
        typer.confirm(f"Take the second factor of {name} away?", abort=True)
    do(Act.RESET, load(config), manager, name, json=json)


@visits.command("revoke")
def revoke(
    name: Name,
    reason: Reason,
    who: Who = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """End every session of somebody: they must sign in again."""
    from gateway.cli.users import Act, do
    from gateway.config import load

    do(Act.SESSIONS, load(config), _manager(who, reason, json=json), name, json=json)


def _manager(who: str | None, reason: str, *, json: bool) -> "Manager":
    """Who acts, by a command on this machine."""
    from gateway.flows.manage_people import Manager

    return Manager(author_of(who, reason, json=json, yes=True), reason)


def _password(file: Path | None) -> str:
    """A password from a file, or typed twice without being shown; never from an argument."""
    import sys

    from gateway.errors import ConfigurationError

    if file is None:
        if not sys.stdin.isatty():
            raise typer.BadParameter(
                "nobody can be asked here: say --file FILE or --generate", param_hint="--file"
            )
        return str(typer.prompt("first password", hide_input=True, confirmation_prompt=True))
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the password in {file} cannot be read: {error}") from None
    if not lines or not lines[0]:
        raise ConfigurationError(f"the first line of {file} is empty", advice="write the password there")
    return lines[0]
