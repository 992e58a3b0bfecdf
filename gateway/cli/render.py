"""Reports for a person at a terminal."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from gateway.cli.checking.tally import Tally
    from gateway.permits.examination import Examination


def print_json(value: Any) -> None:
    """One JSON object on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def styled(text: str, colour: str) -> str:
    """Coloured on a terminal, plain elsewhere; the words alone always suffice."""
    return typer.style(text, fg=colour or None) if sys.stdout.isatty() else text


def print_examination(examination: "Examination", data: bytes, language: str) -> None:
    """The report about one document."""
    from gateway.rendering.report_text import report_text

    for line in report_text(examination, data, language, paint=styled):
        typer.echo(line)


def print_summary(folder: str, tally: "Tally", out: Path | None) -> None:
    """What came out of a folder: how many documents, and which rules they break."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if tally.documents:
        table = Table("rule", "severity", "documents", "findings", box=None, pad_edge=False)
        for (rule, severity), count in tally.documents.most_common():
            table.add_row(rule, severity, f"{count:,}", f"{tally.findings[rule, severity]:,}")
        console.print(table)
    for count, rules in tally.not_checked_by_count():
        typer.echo(f"not checked in {count:,} documents: {', '.join(rules)}")
    refused = tally.files - tally.accepted
    word = styled("FAILED" if refused else "PASSED", "red" if refused else "green")
    typer.echo(f"{word}: {folder}: {tally.files:,} files, {tally.accepted:,} accepted, {refused:,} refused")
    if out is not None:
        typer.echo(f"findings: {out}")
