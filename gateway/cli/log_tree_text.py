"""How `ecites log` shows reports and proofs: as text and as JSON."""

from typing import Any

import typer

from gateway.cli.render import styled
from gateway.flows.verify_log import LogReport
from gateway.wording import say, translated

SHOWN = 20
"""What is found first says most; the rest is in the JSON."""


def print_log_report(report: LogReport, language: str) -> None:
    """The verdict, what it rests on, and what was found, the first difference first."""
    word = styled("PASSED" if report.holds else "FAILED", "green" if report.holds else "red")
    told = say(
        "{size} entries, {checkpoints} checkpoints in the database, {compared} kept beside it or elsewhere",
        size=f"{report.size:,}",
        checkpoints=f"{report.checkpoints:,}",
        compared=f"{report.compared:,}",
    )
    typer.echo(f"{word}: {translated(told, language)}")
    if report.origin:
        typer.echo(f"  {report.origin}")
    if report.unplaced.count:
        waiting = say("{count} entries wait for their place", count=f"{report.unplaced.count:,}")
        typer.echo(f"  {translated(waiting, language)}")
    for warning in report.warnings:
        typer.echo(f"  {styled('!', 'yellow')} {translated(warning, language)}")
    for each in report.breaks[:SHOWN]:
        where = "" if each.place is None else f"{each.place:,}"
        typer.echo(f"  {where:>12}  {translated(each.message, language)} [{each.rule}]")
    if len(report.breaks) > SHOWN:
        more = say("and {count} more: --json has them all", count=len(report.breaks) - SHOWN)
        typer.echo(f"  {translated(more, language)}")
    if not report.holds:
        advice = say(
            "keep this database and its checkpoints as they are, and compare with a backup from before: "
            "somebody, or a fault of the disk, has changed it"
        )
        typer.echo(f"{translated(say('what to do'), language)}: {translated(advice, language)}")


def report_as_dict(report: LogReport, language: str) -> dict[str, Any]:
    """The JSON shape of a report."""
    return {
        "holds": report.holds,
        "origin": report.origin,
        "size": report.size,
        "checkpoints": report.checkpoints,
        "compared": report.compared,
        "unplaced": report.unplaced.count,
        "unplaced_since": report.unplaced.since.isoformat() if report.unplaced.since else None,
        "breaks": [
            {"rule": each.rule, "place": each.place, "message": translated(each.message, language)}
            for each in report.breaks
        ],
        "warnings": [translated(warning, language) for warning in report.warnings],
    }
