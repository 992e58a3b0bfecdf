"""`ecites token`: bearer tokens for the authorities' own systems, and for partners with a mailbox."""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config, Json, Reason, Who, Yes, author_of

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.permits.identity import AuthorityId

app = typer.Typer(help="Make, list and withdraw bearer tokens.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Make, list and withdraw bearer tokens."""


@app.command()
def new(
    authority: Annotated[str, typer.Option(help="The authority that will hold it, such as CH:CUSTOMS.")] = "",
    partner: Annotated[
        str, typer.Option(help="The partner that will open its mailbox with it, such as fr.")
    ] = "",
    scope: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCOPE", help="What it may do, such as permits:check; may be repeated. All otherwise."
        ),
    ] = None,
    expires: Annotated[
        int | None, typer.Option(metavar="DAYS", min=1, max=3660, help="It opens nothing after so many days.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Make a token for an authority or for a partner; earlier ones stay good.

    The authority lives here; the partner has a mailbox here, which the token opens. It is shown once; the
    database keeps only its hash.
    """
    from gateway.cli.render import print_json
    from gateway.cli.tokens import make
    from gateway.config import load

    if bool(authority) == bool(partner):
        raise typer.BadParameter("name an authority or a partner", param_hint="--authority / --partner")
    if partner and scope:
        raise typer.BadParameter("a partner's token opens its mailbox and nothing else", param_hint="--scope")
    settings = load(config)
    holder = _with_mailbox(partner, settings) if partner else _hosted(authority, settings)
    token, grant = make(settings, holder, tuple(scope or ()), expires)
    if json:
        print_json(
            {
                "partner" if partner else "authority": grant.holder,
                "token": token,
                "scopes": sorted(grant.scopes),
                "expires_at": grant.expires_at.isoformat() if grant.expires_at else None,
            }
        )
    else:
        typer.echo(f"{grant.holder}  {token}")


@app.command("list")
def list_(config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """
    List the tokens that there are, by holder.

    Of each the first characters of its hash, its scopes, when it was made and expires, and the day on
    which it was last used.
    """
    from gateway.cli.tokens import print_all
    from gateway.config import load

    print_all(load(config), json=json)


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(metavar="HASH", help="How its hash begins: ecites token list.")],
    reason: Reason,
    name: Who = None,
    yes: Yes = False,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Withdraw a token at once, after showing whose it is; the message log keeps who did it and why."""
    from gateway.cli.tokens import withdraw
    from gateway.config import load
    from gateway.flows.author import Author

    who = author_of(name, reason, json=json, yes=yes)
    withdraw(load(config), token, Author(who, reason), json=json, yes=yes)


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
