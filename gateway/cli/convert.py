"""`ecites permit convert`: a permit in another message version."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import File, InLanguage, Json, Language, ReadAs
from gateway.codec.profile import Profile

if TYPE_CHECKING:
    from gateway.permits.examination import Examination


class To(StrEnum):
    """The choices of --to: the message versions."""

    V1 = "v1"
    V2 = "v2"
    V3 = "v3"


def convert(
    file: File,
    to: Annotated[To, typer.Option("--to", help="The message version to write.")],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Where to write; standard output otherwise. The original is kept beside it as "
            "OUT.original.xml.",
            dir_okay=False,
        ),
    ] = None,
    json: Json = False,
    language: InLanguage = Language.EN,
    profile: ReadAs = Profile.STRICT,
) -> None:
    """
    Write a permit in another message version and list what that version cannot carry.

    The original bytes are never changed. A seal covers the original only: the conversion is unsigned. Ends
    with 1 when the document does not fit the schema of its own version; the CITES rules are not asked.
    """
    from gateway import clock
    from gateway.cli.convert_text import conversion_dict, conversion_lines
    from gateway.cli.render import print_json
    from gateway.codec.convert import convert as convert_permit
    from gateway.codec.examine import summary
    from gateway.codec.registry import VERSIONS, check_schema, read_as
    from gateway.errors import DocumentError
    from gateway.permits.findings import Finding, Report
    from gateway.permits.refusals import findings_of
    from gateway.wording import translated
    from gateway.xmlio.names import DS, clark
    from gateway.xmlio.parse import parse

    if json and out is None:
        raise typer.BadParameter("needs --out, because both would go to standard output", param_hint="--json")
    original = _bytes_of(file)
    version = ""
    tolerances: tuple[Finding, ...] = ()
    try:
        parsed = parse(original)
        version, root, tolerances = read_as(parsed, profile)
        findings = check_schema(version, root)
    except DocumentError as error:
        findings = findings_of(error)
    if findings:
        report = Report(tolerances + findings)
        examination = summary(
            original, name=str(file), at=clock.now(), profile=profile, report=report, version=version
        )
        _refuse(examination, original, json=json, language=language)
    reading = VERSIONS[version].read(root)
    conversion = convert_permit(reading.permit, version, to, places=reading.places)
    sealed = parsed.root.find(f".//{clark(DS, 'Signature')}") is not None
    if out is None:
        typer.echo(conversion.data, nl=False)
    else:
        original_place = out.with_name(out.name + ".original.xml")
        _keep({original_place: original, out: conversion.data})
        if json:
            files = {"out": str(out), "original": str(original_place)}
            told = {"tolerated": [finding.as_dict(language) for finding in tolerances]}
            converted = conversion_dict(conversion, original, version, to, language, sealed=sealed)
            print_json(files | converted | told)
            return
    typer.echo(f"{file}: {version} -> {to}" + (f": {out}" if out else ""), err=out is None)
    for finding in tolerances:
        typer.echo(f"  {translated(finding.message, language)} [{finding.rule}]", err=out is None)
    for line in conversion_lines(conversion, reading.places, version, to, language, sealed=sealed):
        typer.echo(line, err=out is None)


def _bytes_of(file: Path) -> bytes:
    """The bytes of the file, as far as they matter; ends with a usage error when it cannot be read."""
    from gateway.cli.checking.one import read_bounded

    try:
        return read_bounded(file)
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}", param_hint="FILE") from None


def _refuse(examination: "Examination", original: bytes, *, json: bool, language: Language) -> None:
    """Say what is wrong with the document, and end with 1: what cannot be read cannot be converted."""
    from gateway.cli.render import print_examination, print_json

    if json:
        print_json(examination.as_dict(language))
    else:
        print_examination(examination, original, language)
    raise typer.Exit(1)


def _keep(files: dict[Path, bytes]) -> None:
    """
    Write files that are not there yet; one that is there and holds just this stays as it is.

    Ends with a usage error, and with nothing written, when one of them holds something else; with a usage
    error when one cannot be written.
    """
    new = {place: data for place, data in files.items() if not place.exists()}
    for place, data in files.items():
        if place not in new and not (place.is_file() and place.read_bytes() == data):
            raise typer.BadParameter(
                f"{place} exists and holds something else; it is not overwritten: choose another name",
                param_hint="--out",
            )
    for place, data in new.items():
        try:
            with place.open("xb") as stream:
                stream.write(data)
        except OSError as error:
            raise typer.BadParameter(
                f"{place} cannot be written: {error.strerror}", param_hint="--out"
            ) from None
