"""`ecites token`: bearer tokens for the authorities' own systems, and for partners with a mailbox."""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config, Json

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.config import Settings
    from gateway.permits.identity import AuthorityId
    from gateway.storage.tokens import TokenTable

app = typer.Typer(help="Make bearer tokens.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Make bearer tokens."""


@app.command()
def new(
    authority: Annotated[str, typer.Option(help="The authority that will hold it, such as CH:CUSTOMS.")] = "",
    partner: Annotated[
        str, typer.Option(help="The partner that will open its mailbox with it, such as fr.")
    ] = "",
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Make a token for an authority or for a partner; earlier ones stay good.

    The authority lives here; the partner has a mailbox here, which the token opens. It is shown once; the
    database keeps only its hash.
    """
    import asyncio

    from gateway import clock
    from gateway.cli.render import print_json
    from gateway.config import load

    if bool(authority) == bool(partner):
        raise typer.BadParameter("name an authority or a partner", param_hint="--authority / --partner")
    settings = load(config)
    if partner:
        holder = _with_mailbox(partner, settings)
        token = asyncio.run(
            _make(settings, lambda table, new: table.add_for_partner(new, holder, clock.now()))
        )
    else:
        hosted = _hosted(authority, settings)
        holder = str(hosted)
        token = asyncio.run(_make(settings, lambda table, new: table.add(new, hosted, clock.now())))
    if json:
        print_json({"partner" if partner else "authority": holder, "token": token})
    else:
        typer.echo(f"{holder}  {token}")


def _hosted(text: str, settings: "Settings") -> "AuthorityId":
    """The authority of that name, which must live here."""
    from gateway.errors import MalformedRequest
    from gateway.permits.identity import AuthorityId

    hosted = settings.directory().hosted
    try:
        holder = AuthorityId.parse(text)
    except MalformedRequest as error:
        raise typer.BadParameter(f"{error.message}; {error.advice}", param_hint="--authority") from None
    if holder not in hosted:
        known = ", ".join(map(str, sorted(hosted)))
        raise typer.BadParameter(f"{holder} does not live here; known: {known}", param_hint="--authority")
    return holder


def _with_mailbox(name: str, settings: "Settings") -> str:
    """The partner of that name, which must have a mailbox here."""
    partners = settings.directory().partners
    if name not in partners or not partners[name].mailbox:
        known = ", ".join(sorted(each.id for each in partners.values() if each.mailbox)) or "none"
        raise typer.BadParameter(
            f"no partner {name} has a mailbox here: say mailbox = true in its table; known: {known}",
            param_hint="--partner",
        )
    return name


async def _make(settings: "Settings", keep: "Callable[[TokenTable, str], Awaitable[None]]") -> str:
    """Make it and keep its hash."""
    from gateway.loading.database import open_database
    from gateway.storage.tokens import new_token

    database = await open_database(settings)
    token = new_token()
    try:
        async with database.write() as transaction:
            await keep(transaction.tokens, token)
    finally:
        await database.close()
    return token
