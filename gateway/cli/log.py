"""`ecites log`: the message log."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config, Json, moment
from gateway.messagelog.entry import EntryKind

if TYPE_CHECKING:
    from gateway.messagelog.entry import Entry
    from gateway.messagelog.query import LogQuery

app = typer.Typer(help="Search the message log.", no_args_is_help=True)


@app.command()
def search(
    config: Config = DEFAULT_CONFIG,
    number: Annotated[str, typer.Option(help="Permit number, whole.")] = "",
    issuer: Annotated[str, typer.Option(help="Issuing Party, two letters.")] = "",
    partner: Annotated[str, typer.Option(help="Id of a partner gateway.")] = "",
    authority: Annotated[str, typer.Option(help="For example FR:CUSTOMS.")] = "",
    kind: Annotated[EntryKind | None, typer.Option(help="What happened.")] = None,
    outcome: Annotated[str, typer.Option(help="accepted, delivered, refused, or the code of an error.")] = "",
    message_id: Annotated[str, typer.Option(help="Id of a message.")] = "",
    correlation_id: Annotated[str, typer.Option(help="Of a request, as its answer showed it.")] = "",
    since: Annotated[str | None, typer.Option(metavar="TIME", help="From this moment on (ISO 8601).")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Before this moment (ISO 8601).")] = None,
    before: Annotated[str, typer.Option(metavar="ID", help="Older than this entry: the next page.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many entries.")] = 100,
    json: Json = False,
) -> None:
    """Find entries; all conditions hold together, newest first."""
    import asyncio

    from gateway.cli.render import print_json
    from gateway.messagelog.query import LogQuery

    query = LogQuery(
        number=number,
        issuer=issuer,
        partner=partner,
        authority=authority,
        kinds=(kind,) if kind else (),
        outcome=outcome,
        message_id=message_id,
        correlation_id=correlation_id,
        since=moment(since, "--since"),
        until=moment(until, "--until"),
        before=before,
        limit=limit,
    )
    entries = asyncio.run(_search(config, query))
    if json:
        following = entries[-1].id if len(entries) == limit else None
        print_json({"entries": [entry.as_dict() for entry in entries], "next": following})
        return
    for entry in entries:
        _print(entry)
    typer.echo(
        f"{len(entries)} {'entry' if len(entries) == 1 else 'entries'}"
        + (f"; more with --before {entries[-1].id}" if len(entries) == limit else "")
    )


async def _search(config: Path, query: "LogQuery") -> list["Entry"]:
    """Read from the database beside a running gateway."""
    from gateway.config import load
    from gateway.loading.database import open_database

    database = await open_database(load(config))
    try:
        async with database.read() as transaction:
            return await transaction.log.search(query)
    finally:
        await database.close()


def _print(entry: "Entry") -> None:
    """One entry: when, what, who, which, how it ended; the rest below it."""
    permit = f"{entry.issuer} {entry.number}".strip()
    who = " ".join(part for part in (entry.actor, entry.partner, entry.authority) if part)
    typer.echo(
        f"{entry.at:%Y-%m-%d %H:%M:%S}Z  {entry.kind.value:<11}  {permit:<22}  {entry.outcome:<22}  {who}"
    )
    if entry.detail:
        typer.echo(f"    {entry.detail}")
    if entry.digest:
        typer.echo(
            f"    sha256 {entry.digest}" + (f"  message {entry.message_id}" if entry.message_id else "")
        )
