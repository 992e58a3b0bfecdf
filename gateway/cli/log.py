"""`ecites log`: the message log."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.log_options import (
    Actor,
    Authority,
    Before,
    CorrelationId,
    ErrorCode,
    Issuer,
    Kinds,
    MessageId,
    Number,
    Outcome,
    Partner,
    Since,
    Text,
    Until,
    query_from,
)
from gateway.cli.options import DEFAULT_CONFIG, Config, Json, Who, name_of
from gateway.messagelog.files import FileFormat

if TYPE_CHECKING:
    from gateway.messagelog.entry import Entry
    from gateway.messagelog.query import LogQuery

app = typer.Typer(help="Search the message log, and prove it.", no_args_is_help=True)


@app.command()
def search(
    config: Config = DEFAULT_CONFIG,
    number: Number = "",
    issuer: Issuer = "",
    partner: Partner = "",
    authority: Authority = "",
    actor: Actor = "",
    kind: Kinds = None,
    outcome: Outcome = "",
    error_code: ErrorCode = "",
    message_id: MessageId = "",
    correlation_id: CorrelationId = "",
    text: Text = "",
    since: Since = None,
    until: Until = None,
    before: Before = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many entries.")] = 100,
    json: Json = False,
) -> None:
    """Find entries; all conditions hold together, newest first."""
    import asyncio

    from gateway.cli.render import print_json

    query = query_from(
        number=number,
        issuer=issuer,
        partner=partner,
        authority=authority,
        actor=actor,
        kinds=kind,
        outcome=outcome,
        error_code=error_code,
        message_id=message_id,
        correlation_id=correlation_id,
        text=text,
        since=since,
        until=until,
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


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to; it must not be there yet.", dir_okay=False)],
    config: Config = DEFAULT_CONFIG,
    format_: Annotated[FileFormat, typer.Option("--format", help="For a spreadsheet or a program.")] = (
        FileFormat.CSV
    ),
    number: Number = "",
    issuer: Issuer = "",
    partner: Partner = "",
    authority: Authority = "",
    actor: Actor = "",
    kind: Kinds = None,
    outcome: Outcome = "",
    error_code: ErrorCode = "",
    message_id: MessageId = "",
    correlation_id: CorrelationId = "",
    text: Text = "",
    since: Since = None,
    until: Until = None,
    before: Before = "",
    who: Who = None,
) -> None:
    """Write all entries that match into a file, newest first; the message log says who did."""
    from gateway.cli.log_export import export as write

    query = query_from(
        number=number,
        issuer=issuer,
        partner=partner,
        authority=authority,
        actor=actor,
        kinds=kind,
        outcome=outcome,
        error_code=error_code,
        message_id=message_id,
        correlation_id=correlation_id,
        text=text,
        since=since,
        until=until,
        before=before,
    )
    count = write(file, query, format_, config, name_of(who))
    typer.echo(f"{count} {'entry' if count == 1 else 'entries'} in {file}")


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
