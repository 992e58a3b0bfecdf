"""`ecites qr list`: signed lists of permits that must not be used any more."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import At, InLanguage, Json, Language, moment

if TYPE_CHECKING:
    from gateway.permits.status_list import Listed
    from gateway.signatures.keys import SigningKey

app = typer.Typer(help="Make and show signed status lists.", no_args_is_help=True)

HEADER = ["number", "status", "since"]


@app.command(short_help="Sign the list of permits that must not be used any more.")
def make(
    csv: Annotated[
        Path,
        typer.Argument(
            metavar="CSV", help="number,status,since: one barred permit a line.", exists=True, dir_okay=False
        ),
    ],
    key: Annotated[Path, typer.Option(help="Private key of the seal, PEM.", exists=True, dir_okay=False)],
    cert: Annotated[
        Path,
        typer.Option("--cert", "--certificate", help="Its certificate, PEM.", exists=True, dir_okay=False),
    ],
    out: Annotated[Path, typer.Option(help="Where to write; end the name with .jws.", dir_okay=False)],
    hours: Annotated[int, typer.Option(help="How long the list counts.", min=1, max=744)] = 48,
    passphrase_file: Annotated[
        Path | None,
        typer.Option(help="Holds the passphrase of an encrypted key.", exists=True, dir_okay=False),
    ] = None,
    at: At = None,
    json: Json = False,
) -> None:
    """
    Sign the list of an issuer: permits that are cancelled, lost, stolen, suspended or replaced.

    The issuer is the Party of the certificate. An empty list says that nothing is barred.
    """
    from gateway import clock
    from gateway.cli.render import print_json
    from gateway.permits.status_list import KIND, StatusList, to_claims
    from gateway.signatures.compact import sign_compact
    from gateway.signatures.issuer_folder import party_of

    now = (moment(at, "--at") or clock.now()).replace(microsecond=0)
    signing_key = load_key(key, cert, passphrase_file, now)
    party = party_of(signing_key.certificate)
    statuses = StatusList(party, now, now + timedelta(hours=hours), _rows(csv, party, now))
    out.write_text(sign_compact(to_claims(statuses), signing_key, kind=KIND) + "\n", encoding="ascii")
    if json:
        print_json({"file": str(out), "permits": len(statuses.listed)} | _head(statuses.issuer, now, hours))
    else:
        typer.echo(
            f"{out}: {statuses.issuer}, {len(statuses.listed)} permits barred, counts until "
            f"{statuses.counts_until:%Y-%m-%d %H:%M} UTC"
        )


@app.command()
def show(
    file: Annotated[Path, typer.Argument(help="The status list.", exists=True, dir_okay=False)],
    trust: Annotated[Path, typer.Option(help="Certificate (PEM) or folder of certificates.", exists=True)],
    number: Annotated[str | None, typer.Option(help="Ask about one permit of the issuer.")] = None,
    at: At = None,
    language: InLanguage = Language.EN,
    json: Json = False,
) -> None:
    """
    Show what a status list says, once its signature has been verified.

    Ends with 1 when it does not hold, does not count at this moment, or bars the permit that is asked about.
    """
    from gateway import clock
    from gateway.cli.render import print_json
    from gateway.flows.status_lists import Issuers, newest_list, prove_lists
    from gateway.permits.identity import PermitRef
    from gateway.permits.status_list import STATUS_WORDS, Age
    from gateway.signatures.issuer_folder import read_issuer_folder, read_status_lists
    from gateway.wording import translated

    now = moment(at, "--at") or clock.now()
    issuers = Issuers.in_folder(read_issuer_folder(trust))
    (held,) = prove_lists(read_status_lists([file]), issuers)
    statuses = held.statuses
    if statuses is None:
        why = translated(held.refusal or "", language)
        if json:
            print_json({"proven": False, "message": why})
        else:
            typer.echo(f"{file}: {why}")
        raise typer.Exit(1)
    counts = newest_list(statuses.issuer, [held], issuers, now) is not None
    age = statuses.age(now)
    found = statuses.find(PermitRef.of(statuses.issuer, number)) if number else None
    if json:
        print_json(
            {
                "proven": True,
                "issuer": statuses.issuer,
                "made_at": statuses.made_at.isoformat(),
                "counts_until": statuses.counts_until.isoformat(),
                "certificate_counts": counts,
                "age": age.value,
                "permits": {key: _listed(each) for key, each in statuses.listed.items()},
                "number": number,
                "found": _listed(found) if found else None,
            }
        )
    else:
        typer.echo(
            f"{file}: {statuses.issuer}, of {statuses.made_at:%Y-%m-%d %H:%M} UTC, counts until "
            f"{statuses.counts_until:%Y-%m-%d %H:%M} UTC ({age.value}), {len(statuses.listed)} permits barred"
        )
        for key, each in statuses.listed.items() if number is None else ():
            typer.echo(f"  {key}  {each.since:%Y-%m-%d}  {translated(STATUS_WORDS[each.status], language)}")
        if number is not None:
            word = translated(STATUS_WORDS[found.status], language) if found else "-"
            typer.echo(f"  {number}  {found.since:%Y-%m-%d}  {word}" if found else f"  {number}  {word}")
    raise typer.Exit(0 if counts and age is Age.FRESH and found is None else 1)


def load_key(key: Path, cert: Path, passphrase_file: Path | None, at: datetime) -> "SigningKey":
    """The key to sign with; ends with a usage error when it does not fit."""
    from gateway.errors import KeyMaterialError
    from gateway.signatures.keyfile import read_passphrase
    from gateway.signatures.keys import load_signing_key

    try:
        passphrase = read_passphrase(passphrase_file) if passphrase_file else None
        return load_signing_key(key, cert, at=at, passphrase=passphrase)
    except KeyMaterialError as error:
        raise typer.BadParameter(error.message, param_hint="--key / --cert") from None


def _rows(file: Path, party: str, now: datetime) -> dict[str, "Listed"]:
    """The barred permits; ends with a usage error that names the line."""
    import csv

    from gateway.errors import MalformedRequest
    from gateway.permits.identity import PermitRef
    from gateway.permits.status_list import Listed, PermitStatus, key_of

    found: dict[str, Listed] = {}
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        if next(rows, None) != HEADER:
            raise typer.BadParameter(f"the first line must be {','.join(HEADER)}", param_hint="CSV")
        for row in filter(None, rows):
            try:
                number, status, since = row
                ref = PermitRef.of(party, number)
                listed = Listed(PermitStatus(status), moment(since, "CSV") or now)
            except (ValueError, MalformedRequest) as error:
                raise typer.BadParameter(
                    f"line {rows.line_num}: {error}; write a day and one of {', '.join(PermitStatus)}",
                    param_hint="CSV",
                ) from None
            if key_of(ref) in found:
                raise typer.BadParameter(f"line {rows.line_num}: {number} stands twice", param_hint="CSV")
            found[key_of(ref)] = listed
    return found


def _head(issuer: str, at: datetime, hours: int) -> dict[str, str]:
    """Who, and from when until when."""
    until = at + timedelta(hours=hours)
    return {"issuer": issuer, "made_at": at.isoformat(), "counts_until": until.isoformat()}


def _listed(listed: "Listed") -> dict[str, str]:
    """The JSON shape of one status."""
    return {"status": listed.status.value, "since": listed.since.isoformat()}
