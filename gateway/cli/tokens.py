"""What `ecites token` does in the database: make, list, withdraw."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import typer

from gateway import clock
from gateway.cli.codes_text import print_table
from gateway.cli.operating import with_node
from gateway.cli.render import print_json
from gateway.config import Settings
from gateway.errors import MalformedRequest
from gateway.exchange.grants import Grant
from gateway.flows.author import Author
from gateway.flows.ports import Node
from gateway.flows.tokens import SHOWN, all_tokens, find_one, revoke
from gateway.loading.database import open_database
from gateway.permits.identity import AuthorityId
from gateway.permits.scopes import read_scopes
from gateway.storage.tokens import new_token, token_hash


def make(
    settings: Settings, holder: AuthorityId | str, scopes: tuple[str, ...], days: int | None
) -> tuple[str, Grant]:
    """
    Make a token for an authority, or for the partner of that name, and keep its hash.

    Ends with a usage error for a scope that the authority's role does not have.
    """
    at, token = clock.now(), new_token()
    expires_at = at + timedelta(days=days) if days else None
    authority = holder if isinstance(holder, AuthorityId) else None
    try:
        wanted = read_scopes(scopes, authority.role) if authority and scopes else None
    except MalformedRequest as error:
        raise typer.BadParameter(f"{error.message}; {error.advice}", param_hint="--scope") from None

    async def keep() -> None:
        database = await open_database(settings)
        try:
            async with database.write() as transaction:
                if authority:
                    await transaction.tokens.add(token, authority, at, wanted=wanted, expires_at=expires_at)
                else:
                    await transaction.tokens.add_for_partner(token, str(holder), at, expires_at=expires_at)
        finally:
            await database.close()

    asyncio.run(keep())
    return token, Grant(
        token_hash(token), authority, "" if authority else str(holder), at, wanted, expires_at
    )


def print_all(settings: Settings, *, json: bool) -> None:
    """Every token, as a table or as one JSON object."""
    grants = with_node(settings, all_tokens)
    if json:
        print_json({"tokens": [_as_dict(grant) for grant in grants]})
        return
    now = clock.now()
    print_table(
        ("HASH", "HOLDER", "SCOPES", "MADE", "EXPIRES", "LAST USED"), [_row(grant, now) for grant in grants]
    )


def withdraw(settings: Settings, beginning: str, author: Author, *, json: bool, yes: bool) -> None:
    """Show whose token it is, ask, withdraw it."""

    async def look(node: Node) -> Grant:
        return await find_one(beginning, node)

    async def act(node: Node) -> Grant:
        return await revoke(beginning, author, node)

    try:
        grant = with_node(settings, look)
    except MalformedRequest as error:
        raise typer.BadParameter(f"{error.message}; {error.advice}", param_hint="HASH") from None
    if not json:
        typer.echo(f"{grant.token_hash[:SHOWN]} of {grant.holder}: {_scopes(grant)}")
    if not yes:
        typer.confirm("withdraw it?", abort=True)
    with_node(settings, act)
    if json:
        print_json({"revoked": _as_dict(grant)})
    else:
        typer.echo("withdrawn")


def _row(grant: Grant, now: datetime) -> tuple[str, ...]:
    """A line of the table; moments as days."""
    expires = f"{grant.expires_at:%Y-%m-%d}" if grant.expires_at else "never"
    return (
        grant.token_hash[:SHOWN],
        grant.holder,
        _scopes(grant),
        f"{grant.created_at:%Y-%m-%d}",
        expires if grant.good_at(now) else f"{expires}, over",
        grant.last_used_on.isoformat() if grant.last_used_on else "never",
    )


def _scopes(grant: Grant) -> str:
    """What it may do, in words."""
    if grant.authority is None:
        return "its mailbox"
    return "all of its role" if grant.wanted is None else " ".join(sorted(grant.scopes))


def _as_dict(grant: Grant) -> dict[str, Any]:
    """The JSON shape; the whole hash, from which nobody finds the token."""
    return {
        "hash": grant.token_hash,
        "authority": str(grant.authority) if grant.authority else None,
        "partner": grant.partner or None,
        "scopes": sorted(grant.scopes),
        "made_at": grant.created_at.isoformat(),
        "expires_at": grant.expires_at.isoformat() if grant.expires_at else None,
        "last_used_on": grant.last_used_on.isoformat() if grant.last_used_on else None,
    }
