"""Reports for a person at a terminal."""

import json
import sys
from typing import Any

import typer

from gateway.permits.findings import Finding, Report, Severity

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_VERDICT_COLOURS = {"PASSED": "green", "FAILED": "red", "INDETERMINATE": "yellow"}


def print_json(value: Any) -> None:
    """One JSON object on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def styled(text: str, colour: str | None, *, bold: bool = False) -> str:
    """Coloured on a terminal, plain elsewhere; the words alone always suffice."""
    return typer.style(text, fg=colour, bold=bold) if sys.stdout.isatty() else text


def print_report(name: str, document: dict[str, Any], verdict: str, report: Report) -> None:
    """What the document is, the verdict, and every finding with its place and source."""
    what = " ".join(
        str(part)
        for part in (document["version"], document["type"], document["issuer"], document["number"])
        if part
    )
    typer.echo(f"{name}: {what or 'not a permit that we know'}")
    for finding in report.findings:
        _print_finding(finding)
    count = f"{len(report.errors)} error(s), {len(report.warnings)} warning(s)"
    typer.echo(f"{styled(verdict, _VERDICT_COLOURS.get(verdict), bold=True)}: {count}")


def _print_finding(finding: Finding) -> None:
    """One finding: what, where, why."""
    place = [f"box {finding.box}"] if finding.box else []
    if finding.line:
        place.append(f"line {finding.line}")
    if finding.path:
        place.append(finding.path)
    typer.echo(
        f"  {styled(f'{finding.severity.value:<8}', _COLOURS[finding.severity])} "
        f"{finding.message} [{finding.rule}]"
    )
    if place:
        typer.echo(f"           where: {', '.join(place)}")
    if finding.source:
        typer.echo(f"           why:   {finding.source}")
