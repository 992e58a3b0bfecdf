"""`ecites token`: bearer tokens for the authorities' own systems."""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config, Json

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.permits.identity import AuthorityId

app = typer.Typer(help="Make bearer tokens.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Make bearer tokens."""


@app.command()
def new(
    authority: Annotated[str, typer.Option(help="The authority that will hold it, such as CH:CUSTOMS.")],
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Make a token for an authority that lives here; earlier ones stay good.

    It is shown once; the database keeps only its hash.
    """
    import asyncio

    from gateway.cli.render import print_json
    from gateway.config import load
    from gateway.errors import MalformedRequest
    from gateway.permits.identity import AuthorityId

    settings = load(config)
    hosted = settings.directory().hosted
    try:
        holder = AuthorityId.parse(authority)
    except MalformedRequest as error:
        raise typer.BadParameter(f"{error.message}; {error.advice}", param_hint="--authority") from None
    if holder not in hosted:
        known = ", ".join(map(str, sorted(hosted)))
        raise typer.BadParameter(f"{holder} does not live here; known: {known}", param_hint="--authority")
    token = asyncio.run(_make(settings, holder))
    if json:
        print_json({"authority": str(holder), "token": token})
    else:
        typer.echo(f"{holder}  {token}")


async def _make(settings: "Settings", holder: "AuthorityId") -> str:
    """Make it and keep its hash."""
    from gateway import clock
    from gateway.loading.database import open_database
    from gateway.storage.tokens import new_token

    database = await open_database(settings)
    token = new_token()
    try:
        async with database.write() as transaction:
            await transaction.tokens.add(token, holder, clock.now())
    finally:
        await database.close()
    return token
