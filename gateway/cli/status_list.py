"""`ecites qr list`: signed lists of permits that must not be used any more."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import DEFAULT_CONFIG, At, Config, InLanguage, Json, Language, moment

if TYPE_CHECKING:
    from gateway.permits.status_list import Listed, StatusList
    from gateway.signatures.keys import SigningKey

app = typer.Typer(help="Make and show signed status lists.", no_args_is_help=True)

HEADER = ["number", "status", "since"]


@app.command(short_help="Sign the list of permits that must not be used any more.")
def make(
    csv: Annotated[
        Path | None,
        typer.Argument(
            metavar="CSV", help="number,status,since: one barred permit a line.", exists=True, dir_okay=False
        ),
    ] = None,
    *,
    from_ledger: Annotated[
        bool, typer.Option("--from-ledger", help="Take the statuses that this gateway knows, instead of CSV.")
    ] = False,
    authority: Annotated[
        str, typer.Option(help="With --from-ledger: the Management Authority that signs, like CH:MA.")
    ] = "",
    config: Config = DEFAULT_CONFIG,
    key: Annotated[
        Path | None, typer.Option(help="Private key of the seal, PEM.", exists=True, dir_okay=False)
    ] = None,
    cert: Annotated[
        Path | None,
        typer.Option("--cert", "--certificate", help="Its certificate, PEM.", exists=True, dir_okay=False),
    ] = None,
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
    Sign the list of an issuer: permits that are cancelled, lost, stolen, suspended, replaced, returned unused
    or refused at a border.

    From a file, signed with --key and --cert, whose Party is the issuer; or from what this gateway knows,
    with the seal that an authority has here. An empty list says that nothing is barred.
    """
    from gateway import clock
    from gateway.cli.render import print_json

    now = (moment(at, "--at") or clock.now()).replace(microsecond=0)
    life = timedelta(hours=hours)
    if from_ledger:
        if csv or key or cert or passphrase_file or at or not authority:
            raise typer.BadParameter(
                "it goes with --authority, and not with CSV, --key, --cert, --passphrase-file or --at",
                param_hint="--from-ledger",
            )
        statuses, text = _of_ledger(authority, config, life)
    else:
        if csv is None or key is None or cert is None or authority:
            raise typer.BadParameter("name CSV, --key and --cert, or --from-ledger and --authority")
        statuses, text = _of_file(csv, load_key(key, cert, passphrase_file, now), now, life)
    out.write_text(text + "\n", encoding="ascii")
    if json:
        head = _head(statuses.issuer, statuses.made_at, hours)
        print_json({"file": str(out), "permits": len(statuses.listed)} | head)
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


def _of_file(csv: Path, key: "SigningKey", now: datetime, life: timedelta) -> "tuple[StatusList, str]":
    """The list of a file, and its signed text."""
    from gateway.permits.status_list import KIND, StatusList, to_claims
    from gateway.signatures.compact import sign_compact
    from gateway.signatures.issuer_folder import party_of

    party = party_of(key.certificate)
    statuses = StatusList(party, now, now + life, _rows(csv, party, now))
    return statuses, sign_compact(to_claims(statuses), key, kind=KIND)


def _of_ledger(authority: str, config: Path, life: timedelta) -> "tuple[StatusList, str]":
    """
    The list of what a gateway knows, and its signed text.

    Ends with a usage error for a word that is no Management Authority; raises a `GatewayError`.
    """
    import asyncio

    from gateway import clock
    from gateway.config import load
    from gateway.errors import MalformedRequest
    from gateway.flows.list_statuses import list_statuses
    from gateway.loading.beliefs import Beliefs
    from gateway.loading.database import open_database
    from gateway.loading.node import make_node
    from gateway.permits.identity import AuthorityId, Role

    try:
        who = AuthorityId.parse(authority)
    except MalformedRequest as error:
        raise typer.BadParameter(f"{error.message}; {error.advice}", param_hint="--authority") from None
    if who.role is not Role.MA:
        raise typer.BadParameter("a Management Authority lists its permits", param_hint="--authority")
    settings = load(config)

    async def run() -> "tuple[StatusList, str]":
        database = await open_database(settings)
        try:
            node = make_node(settings, Beliefs.load(settings, clock.now()), database, lambda: None)
            made = await list_statuses(who, node, life)
        finally:
            await database.close()
        return made.statuses, made.text

    return asyncio.run(run())


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
    from gateway.permits.notices import PermitStatus
    from gateway.permits.status_list import BARRING, Listed, key_of

    found: dict[str, Listed] = {}
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        if next(rows, None) != HEADER:
            raise typer.BadParameter(f"the first line must be {','.join(HEADER)}", param_hint="CSV")
        for row in filter(None, rows):
            try:
                number, status, since = row
                ref = PermitRef.of(party, number)
                if status not in BARRING:
                    raise ValueError(f"{status!r} bars no permit")  # noqa: TRY301 - told with the others
                listed = Listed(PermitStatus(status), moment(since, "CSV") or now)
            except (ValueError, MalformedRequest) as error:
                raise typer.BadParameter(
                    f"line {rows.line_num}: {error}; write a day and one of {', '.join(BARRING)}",
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
