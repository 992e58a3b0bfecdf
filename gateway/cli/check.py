"""`ecites permit check`: one document, or a folder of them."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.options import At, InLanguage, Json, Language, ReadAs, moment
from gateway.codec.profile import Profile


def check(
    place: Annotated[
        Path,
        typer.Argument(
            metavar="FILE|FOLDER", help="A permit, or a folder of them.", exists=True, readable=True
        ),
    ],
    json: Json = False,
    at: At = None,
    language: InLanguage = Language.EN,
    profile: ReadAs = Profile.STRICT,
    counterparts: Annotated[
        list[Path] | None,
        typer.Option(
            "--with",
            metavar="FILE",
            help="A permit that this one refers to or is presented with; repeatable.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="It is presented with no other permit.", show_default=False)
    ] = False,
    used: Annotated[
        Path | None,
        typer.Option(
            "--used",
            metavar="CSV",
            help="Earlier uses: line,quantity,unit,date,office.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    species: Annotated[
        Path | None,
        typer.Option(
            "--species",
            help="The list that `ecites species import` wrote.",
            envvar="ECITES_SPECIES",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            help="Take severities and species list from a configuration.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write the report as a page.")] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Of a folder: write every finding to FILE.csv or FILE.jsonl."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Of a folder: processes; one a core if not said."),
    ] = None,
    pattern: Annotated[str, typer.Option("--pattern", help="Of a folder: which files.")] = "*.xml",
) -> None:
    """
    Check a permit, or all permits in a folder, against schema, code lists and CITES rules.

    Says nothing about signatures: see verify. Ends with 0 when nothing is wrong or there are only
    warnings, with 1 when there is an error in at least one document.
    """
    from gateway.cli.checking.folder import check_folder
    from gateway.cli.checking.one import check_one
    from gateway.cli.checking.question import question

    if alone and counterparts:
        raise typer.BadParameter("does not go with --with", param_hint="--alone")
    asked = question(
        at=moment(at, "--at"),
        profile=profile,
        counterparts=[] if alone else counterparts or None,
        used=used,
        species=species,
        config=config,
    )
    if place.is_dir():
        _refuse(html, "--html", "is for one document; use --out for a folder")
        good = check_folder(place, asked, pattern=pattern, jobs=jobs, out=out, json=json, language=language)
    else:
        _refuse(out, "--out", "is for a folder; use --html or --json for one document")
        good = check_one(place, asked, json=json, html=html, language=language)
    raise typer.Exit(0 if good else 1)


def _refuse(value: object, option: str, why: str) -> None:
    """An option that does not go with what was asked."""
    if value is not None:
        raise typer.BadParameter(why, param_hint=option)
