"""What a check is given beside the document: counterparts, earlier uses, the list of species, severities."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from gateway import clock
from gateway.codec.leaves import decimal_of
from gateway.codec.profile import Profile
from gateway.codec.registry import inspect
from gateway.errors import GatewayError
from gateway.permits import species as species_list
from gateway.permits.model import Permit
from gateway.permits.quantities import Quantity
from gateway.permits.rules import Evidence, RuleSettings
from gateway.permits.uses import Use
from gateway.xmlio.parse import parse

COLUMNS = ("line", "quantity", "unit", "date", "office")
"""Of the file of earlier uses; unit and office may be empty."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about each document."""

    at: datetime
    profile: Profile
    evidence: Evidence
    settings: RuleSettings


def question(
    *,
    at: datetime | None,
    profile: Profile,
    counterparts: list[Path] | None,
    used: Path | None,
    species: Path | None,
    config: Path | None,
) -> Question:
    """
    The question from the options of the command.

    Ends with a usage error when a file beside the document cannot be used.
    """
    settings = RuleSettings()
    if config is not None:
        from gateway.config import load

        configured = load(config)
        settings, species = configured.rules, species or configured.documents.species
    now = at or clock.now()
    evidence = Evidence(
        species=species_list.load(species) if species else None,
        counterparts=None
        if counterparts is None
        else tuple(_counterpart(file, now) for file in counterparts),
        uses=tuple(_uses(used)) if used else None,
    )
    return Question(now, profile, evidence, settings)


def _counterpart(file: Path, at: datetime) -> Permit:
    """A permit that the checked one refers to; it must be readable, not free of findings."""
    try:
        inspection = inspect(parse(file.read_bytes()), at=at, profile=Profile.TOLERANT)
    except GatewayError as error:
        raise typer.BadParameter(f"{file}: {error.message}", param_hint="--with") from None
    if inspection.permit is None:
        first = inspection.report.errors[0].message
        raise typer.BadParameter(f"{file} does not fit its schema: {first}", param_hint="--with")
    return inspection.permit


def _uses(file: Path) -> Iterator[Use]:
    """The rows of a file of earlier uses."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise typer.BadParameter(
                f"{file} has no column {', '.join(missing)}; needed: {', '.join(COLUMNS)}",
                param_hint="--used",
            )
        for row in rows:
            yield _use(row, f"{file}, line {rows.line_num}")


def _use(row: dict[str, str], where: str) -> Use:
    """One row."""
    try:
        day = datetime.fromisoformat(row["date"].strip())
        amount = decimal_of(row["quantity"])
    except (ValueError, AttributeError):  # no date, or a row that is cut off
        amount = None
    if amount is None:
        raise typer.BadParameter(
            f"{where}: write a decimal quantity such as 12.5 and a date such as 2026-11-23",
            param_hint="--used",
        )
    return Use(
        line=row["line"].strip(),
        quantity=Quantity(amount, (row["unit"] or "").strip() or None),
        at=day if day.tzinfo else day.replace(tzinfo=UTC),
        office=(row["office"] or "").strip(),
    )
