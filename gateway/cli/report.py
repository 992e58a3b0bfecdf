"""`ecites report`: what a Party tells about its trade, from what was used."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config, InLanguage, Json, Language

app = typer.Typer(help="Report what crossed the border: annual report, reconciliation.", no_args_is_help=True)


class AtSide(StrEnum):
    """The choices of --side."""

    EXPORT = "export"
    IMPORT = "import"


Authority = Annotated[str, typer.Option(metavar="ID", help="A Management Authority of this gateway: CH:MA.")]
Csv = Annotated[Path | None, typer.Option("--csv", help="Write it as CSV.", dir_okay=False)]
Html = Annotated[Path | None, typer.Option("--html", help="Write it as a page.", dir_okay=False)]
FIRST_YEAR = 1975
"""The Convention is in force since 1 July 1975."""


@app.command(short_help="Make the annual report of a Party.")
def annual(
    year: Annotated[int, typer.Option(min=FIRST_YEAR, max=9999, help="The year of the days at the border.")],
    authority: Authority,
    side: Annotated[AtSide, typer.Option(help="What left, or what arrived.")] = AtSide.EXPORT,
    csv: Csv = None,
    html: Html = None,
    spreadsheet: Annotated[
        bool, typer.Option("--spreadsheet", help="A CSV to look at with a spreadsheet, not to submit.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
    language: InLanguage = Language.EN,
) -> None:
    """
    Make the annual report of a Party (Convention, Art. VIII.7) from what customs wrote off.

    Errors by the rules of the trade database come first. Ends with 1 when one of them is primary, or when a
    permit that belongs into the report cannot be proven or is not here.
    """
    from gateway.cli.reporting import make_annual
    from gateway.config import load

    if spreadsheet and csv is None:
        raise typer.BadParameter("needs --csv, because it changes that file", param_hint="--spreadsheet")
    _require_folders(csv, html)
    good = make_annual(
        load(config),
        authority,
        year,
        side.value,
        csv=csv,
        html=html,
        spreadsheet=spreadsheet,
        json=json,
        language=language,
    )
    raise typer.Exit(0 if good else 1)


@app.command(short_help="Compare permits with their use.")
def reconciliation(
    authority: Authority,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="First day; otherwise 1 January of this year.")
    ] = None,
    last: Annotated[
        str | None,
        typer.Option("--to", metavar="DAY", help="Last day; otherwise 31 December of the year of --from."),
    ] = None,
    csv: Csv = None,
    html: Html = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
    language: InLanguage = Language.EN,
) -> None:
    """
    Compare what permits authorise with what was exported, imported, dead on arrival, and is left.

    A permit belongs to the period of its last use, an unused one to that of its last day. Ends with 1 when a
    permit has an error, or when one that belongs to the period cannot be proven or is not here.
    """
    from gateway import clock
    from gateway.cli.reporting import make_reconciliation
    from gateway.config import load

    begins = _day(first, "--from") or date(clock.now().year, 1, 1)
    ends = _day(last, "--to") or date(begins.year, 12, 31)
    if ends < begins:
        raise typer.BadParameter(f"{ends} is before {begins}, the first day", param_hint="--to")
    _require_folders(csv, html)
    good = make_reconciliation(
        load(config), authority, begins, ends, csv=csv, html=html, json=json, language=language
    )
    raise typer.Exit(0 if good else 1)


def _day(text: str | None, option: str) -> date | None:
    """A day from an option; ends with a usage error when it is none."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day; write 2026-11-23", param_hint=option) from None


def _require_folders(*files: Path | None) -> None:
    """Files can be written once the work is done, which may take minutes."""
    for file in files:
        if file is not None and not file.parent.is_dir():
            raise typer.BadParameter(f"there is no folder {file.parent}", param_hint=str(file))
