"""What `ecites report` does: read the database beside the gateway, make the report, show it, write it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TypeVar

import typer
from rich.console import Console

from gateway import clock
from gateway.cli.progress import progress
from gateway.cli.render import print_json, styled
from gateway.cli.report_text import annual_lines, reconciliation_lines
from gateway.config import Settings
from gateway.errors import MalformedRequest
from gateway.flows.ports import Node
from gateway.flows.reconcile import reconcile
from gateway.flows.report_annual import report_annual
from gateway.flows.usage import Moved
from gateway.loading.beliefs import Beliefs
from gateway.loading.database import open_database
from gateway.loading.node import make_node
from gateway.permits.annual import csv_file
from gateway.permits.annual.reconciliation import csv_of
from gateway.permits.annual.remarks import remarks_as_dicts
from gateway.permits.annual.used import Side
from gateway.permits.identity import AuthorityId, Role
from gateway.rendering.annual_html import annual_html
from gateway.rendering.annual_json import annual_dict
from gateway.rendering.reconciliation_html import reconciliation_html

Made = TypeVar("Made")

_SIDES = {"export": Side.EXPORT, "import": Side.IMPORT}


def make_annual(
    settings: Settings,
    authority: str,
    year: int,
    side: str,
    *,
    csv: Path | None,
    html: Path | None,
    spreadsheet: bool,
    json: bool,
    language: str,
) -> bool:
    """Make, show and write the annual report; whether it can be submitted and nothing is missing."""
    party = _party(authority, settings)
    made = _work(settings, party, lambda node, moved: report_annual(party, year, _SIDES[side], node, moved))
    if csv is not None:
        csv.write_bytes(csv_file.write(made.report.rows, made.report.side, spreadsheet=spreadsheet))
    if html is not None:
        page = annual_html(made.report, made.examined, language, remarks=made.remarks)
        html.write_text(page, encoding="utf-8")
    if json:
        print_json(annual_dict(made.report, made.examined, language, remarks=made.remarks))
    else:
        _print(annual_lines(made.report, made.examined, language, styled, remarks=made.remarks), csv, html)
    return made.good


def make_reconciliation(
    settings: Settings,
    authority: str,
    first: date,
    last: date,
    *,
    csv: Path | None,
    html: Path | None,
    json: bool,
    language: str,
) -> bool:
    """Make, show and write the reconciliation; whether no permit has an error and nothing is missing."""
    party = _party(authority, settings)
    made = _work(settings, party, lambda node, moved: reconcile(party, first, last, node, moved))
    compared = made.reconciliation
    if csv is not None:
        csv.write_bytes(csv_of(compared))
    if html is not None:
        html.write_text(reconciliation_html(compared, language, remarks=made.remarks), encoding="utf-8")
    if json:
        print_json({**compared.as_dict(language), "remarks": remarks_as_dicts(made.remarks, language)})
    else:
        _print(reconciliation_lines(compared, language, styled, remarks=made.remarks), csv, html)
    return made.good


def _party(authority: str, settings: Settings) -> str:
    """The Party of a Management Authority that lives here; ends with a usage error for any other."""
    try:
        asked = AuthorityId.parse(authority)
    except MalformedRequest as error:
        raise typer.BadParameter(f"{error.message}; {error.advice}", param_hint="--authority") from None
    hosted = [each.id for each in settings.authority if each.id.role is Role.MA]
    if asked not in hosted:
        names = ", ".join(map(str, hosted)) or "none"
        raise typer.BadParameter(
            f"{authority} is no Management Authority of this gateway; those are: {names}",
            param_hint="--authority",
        )
    return asked.party


def _work(settings: Settings, party: str, make: Callable[[Node, Moved], Awaitable[Made]]) -> Made:
    """Run something on the database of a gateway, beside the one that may be serving, with a bar."""

    async def run() -> Made:
        beliefs = Beliefs.load(settings, clock.now())
        database = await open_database(settings)
        try:
            node = make_node(settings, beliefs, database, lambda: None)
            async with database.read() as transaction:
                total = await transaction.notices.count_held(party)
            with progress(Console(stderr=True), "permits") as bar:
                task = bar.add_task("", total=total)
                return await make(node, lambda count: bar.advance(task, count))
        finally:
            await database.close()

    return asyncio.run(run())


def _print(lines: Iterable[str], *files: Path | None) -> None:
    """The report as text, and where it was written."""
    for line in lines:
        typer.echo(line)
    for file in files:
        if file is not None:
            typer.echo(f"written: {file}")
