"""`ecites species`: the list of CITES species that the rules are checked with."""

import os
import re
import secrets
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config, Json, moment

if TYPE_CHECKING:
    from gateway.permits.species import SpeciesList
    from gateway.permits.taxa import Taxon

app = typer.Typer(help="Import and show the list of CITES species.", no_args_is_help=True)

FILE_NAME = "species.json"
MAX_SHOWN = 20
"""Rows left out that are printed; the JSON answer has them all."""

_DAY = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")

Data = Annotated[
    Path | None,
    typer.Option(
        "--species",
        help="The list; otherwise species.json beside the configuration, or in this folder.",
        envvar="ECITES_SPECIES",
        dir_okay=False,
    ),
]


@app.callback()
def group() -> None:
    """Import and show the list of CITES species."""


@app.command("import")
def take(
    file: Annotated[
        Path, typer.Argument(help="The export of the checklist, CSV.", exists=True, dir_okay=False)
    ],
    dated: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="The day whose listings it tells; that in its name otherwise."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Where to write; otherwise species.json beside the configuration, or in this folder.",
            dir_okay=False,
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="The moment of the import to write down; now otherwise."),
    ] = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Read the public checklist's CSV export, Index of CITES Species, and keep what the rules need.

    Says which rows were taken and which were not. A file that cannot be read, or with more than 5 % of bad
    rows, leaves the list as it is.
    """
    from gateway import clock
    from gateway.cli.render import print_json
    from gateway.permits.checklist import read_checklist
    from gateway.permits.species_file import dump

    now = clock.now()
    day = _day(file, dated)
    if day > now.date():
        raise typer.BadParameter(f"{day} has not come yet; write the day of the export", param_hint="--dated")
    species = read_checklist(file.read_bytes(), origin=file.name, dated=day)
    imported_at = moment(at, "--at") or now
    place = out or default_place(config)
    _replace(place, dump(species.about, species.groups, species.rows, imported_at=imported_at))
    answer = {"file": str(place), **_facts(species), "imported_at": imported_at.isoformat()}
    if json:
        left = [{"line": one.line, "reason": one.reason} for one in species.left_out]
        print_json(answer | {"left_out": left})
        return
    _print_facts(answer)
    for one in species.left_out[:MAX_SHOWN]:
        typer.echo(f"  left out, line {one.line}: {one.reason}")
    if len(species.left_out) > MAX_SHOWN:
        typer.echo(f"  and {len(species.left_out) - MAX_SHOWN} more; --json tells them all")


@app.command()
def show(
    name: Annotated[list[str], typer.Argument(help="A scientific name, as in Box 7.")],
    species: Data = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Show what the list says about a name: accepted name, rank, listing, range States, synonyms.

    Ends with 1 when the list does not have it; says then what may have been meant.
    """
    from gateway.cli.render import print_json

    data = _load(species, config)
    text = " ".join(name)
    match = data.find(text)
    near = data.near(text) if match is None else ()
    if json:
        print_json(
            {
                "name": text,
                "dated": data.dated.isoformat(),
                "how": match.how.value if match else None,
                "taxa": [_taxon(taxon) for taxon in match.taxa] if match else [],
                "near": list(near),
            }
        )
    elif match is None:
        hint = f"; did you mean {' / '.join(near)}?" if near else ""
        typer.echo(f"{text}: not in the species data of {data.dated}{hint}")
    else:
        for taxon in match.taxa:
            _print_taxon(taxon, match.how.value)
        typer.echo(f"by the species data of {data.dated}")
    raise typer.Exit(0 if match else 1)


@app.command()
def info(species: Data = None, config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """Show where the list comes from, its date and what is in it."""
    from gateway.cli.render import print_json

    data = _load(species, config)
    imported = data.about.imported_at
    answer = {
        "file": str(species or default_place(config)),
        **_facts(data),
        "imported_at": imported.isoformat() if imported else None,
    }
    if json:
        print_json(answer)
    else:
        _print_facts(answer)


def default_place(config: Path) -> Path:
    """Where the list is kept when nobody says: beside the configuration when there is one, else here."""
    return config.parent / FILE_NAME if config.exists() else Path(FILE_NAME)


def _day(file: Path, dated: str | None) -> date:
    """The day of the data: as given, else as in the name of the file."""
    found = _DAY.search(file.name)
    text = dated or (found[0] if found else "")
    if not text:
        raise typer.BadParameter(
            f"the name {file.name} has no date; write the day of the export, for example 2026-11-24",
            param_hint="--dated",
        )
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day; write 2026-11-24", param_hint="--dated") from None


def _load(species: Path | None, config: Path) -> "SpeciesList":
    """The list that was named, or the one in its usual place."""
    from gateway.permits.species import load

    return load(species or default_place(config))


def _replace(place: Path, data: bytes) -> None:
    """
    Write a file whole or not at all: readers see the old one or the new one.

    Raises `ConfigurationError` when it cannot be written.
    """
    from gateway.errors import ConfigurationError

    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise ConfigurationError(
            f"{place} cannot be written: {error.strerror}", advice="name another file with --out"
        ) from error


def _facts(species: "SpeciesList") -> dict[str, Any]:
    """What is in the list, counted."""
    taxa = list(species)
    return {
        "origin": species.about.origin,
        "sha256": species.about.sha256,
        "dated": species.dated.isoformat(),
        "counts": {
            "taxa": len(taxa),
            "animals": sum(taxon.is_animal for taxon in taxa),
            "plants": sum(taxon.is_plant for taxon in taxa),
            "synonyms": sum(len(taxon.synonyms) for taxon in taxa),
            "with_range": sum(bool(taxon.countries) for taxon in taxa),
            "without_listing": sum(not taxon.listing for taxon in taxa),
            "left_out": species.about.left_out,
        },
    }


def _print_facts(answer: dict[str, Any]) -> None:
    """The same for a person."""
    counts = answer["counts"]
    typer.echo(
        f"{answer['file']}: {counts['taxa']} taxa ({counts['animals']} animals, {counts['plants']} plants), "
        f"{counts['synonyms']} synonyms"
    )
    typer.echo(f"  from {answer['origin']}, dated {answer['dated']}, imported {answer['imported_at']}")
    typer.echo(f"  SHA-256 of that file: {answer['sha256']}")
    typer.echo(
        f"  with range States: {counts['with_range']}; without a listing: {counts['without_listing']}; "
        f"rows left out: {counts['left_out']}"
    )


def _taxon(taxon: "Taxon") -> dict[str, Any]:
    """A taxon as JSON."""
    return {
        "id": taxon.id or None,
        "name": taxon.name,
        "author": taxon.author or None,
        "rank": taxon.rank.value,
        "kingdom": taxon.kingdom,
        "class": taxon.class_ or None,
        "order": taxon.order or None,
        "family": taxon.family or None,
        "listing": taxon.listing or None,
        "listed_as": taxon.listed_as or None,
        "range": list(taxon.countries),
        "synonyms": list(taxon.synonyms),
        "names": {"en": list(taxon.english), "fr": list(taxon.french), "es": list(taxon.spanish)},
    }


def _print_taxon(taxon: "Taxon", how: str) -> None:
    """A taxon for a person; what the list does not tell is left out."""
    groups = " > ".join(filter(None, (taxon.kingdom, taxon.phylum, taxon.class_, taxon.order, taxon.family)))
    listed = f" (as {taxon.listed_as})" if taxon.listed_as else ""
    common = "; ".join(", ".join(names) for names in (taxon.english, taxon.french, taxon.spanish) if names)
    typer.echo(f"{taxon.name} {taxon.author}".rstrip())
    for label, value in (
        ("found", how),
        ("rank", taxon.rank.value),
        ("group", groups),
        ("listing", f"{taxon.listing}{listed}" if taxon.listing else "not told"),
        ("range", ", ".join(taxon.countries)),
        ("synonyms", "; ".join(taxon.synonyms)),
        ("names", common),
    ):
        if value:
            typer.echo(f"  {label:<9} {value}")
