"""`ecites keys`: the keys of the gateway and the seals of the authorities that live here."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config, Json, moment

if TYPE_CHECKING:
    from gateway.flows.probe import Knowledge

app = typer.Typer(help="Make, import, replace and retire keys.", no_args_is_help=True)

Owner = Annotated[
    str, typer.Argument(metavar="OWNER", help="gateway, or an authority that lives here, such as CH:MA.")
]
Algorithm = Annotated[str, typer.Option(help="Kind of a new key: p256, p384, p521, rsa3072 or rsa4096.")]
Subject = Annotated[
    str | None,
    typer.Option(help='Subject of the certificate, such as "C=CH,O=Example,CN=Seal of CH:MA".'),
]
Name = Annotated[str | None, typer.Option(help="Name of the key; made of owner and day otherwise.")]


@app.command()
def new(
    owner: Owner,
    algorithm: Algorithm = "p256",
    days: Annotated[int, typer.Option(help="How long its certificate is valid.", min=1, max=3650)] = 730,
    subject: Subject = None,
    name: Name = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Make a private key with a self-signed certificate.

    The first key of an owner signs at once; any other one waits as the next key until `ecites keys roll`.
    Outside development a passphrase must be configured under [keys], and the private key is encrypted with
    it.
    """
    from gateway.cli.key_folder import KeyFolder

    folder = KeyFolder.of(config)
    entry = folder.new(owner, algorithm=algorithm, days=days, subject=subject, name=name)
    _print_made(folder, entry.name, json=json)


@app.command()
def csr(
    owner: Owner,
    out: Annotated[Path, typer.Option(help="Where to write the request, PEM.", dir_okay=False)],
    existing: Annotated[
        str | None, typer.Option("--key", help="Name of a key that exists; a new one is made otherwise.")
    ] = None,
    algorithm: Algorithm = "p256",
    subject: Subject = None,
    name: Name = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Write a request for a certificate, for a certification authority.

    What it returns is taken in with `ecites keys import OWNER --key NAME --cert FILE`.
    """
    from gateway.cli.key_folder import KeyFolder
    from gateway.cli.render import print_json

    if existing is not None and name is not None:
        raise typer.BadParameter("goes with a new key, not with --key", param_hint="--name")
    folder = KeyFolder.of(config)
    entry = folder.request(owner, out, existing=existing, algorithm=algorithm, subject=subject, name=name)
    if json:
        print_json({"owner": entry.owner, "name": entry.name, "request": str(out)})
    else:
        typer.echo(f"{out}: request for the key {entry.name} of {entry.owner}")


@app.command("import")
def import_(
    owner: Owner,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Private key (PEM), or PKCS #12 with both.", dir_okay=False),
    ] = None,
    cert: Annotated[
        Path | None, typer.Option(help="Certificate, PEM; without it FILE is PKCS #12.", dir_okay=False)
    ] = None,
    existing: Annotated[
        str | None, typer.Option("--key", help="Name of the key whose certificate was requested.")
    ] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="A file whose first line opens FILE.", dir_okay=False)
    ] = None,
    name: Name = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Take in a key that exists, or the certificate that was requested for one.

    Three ways: FILE is PKCS #12; FILE is a private key and --cert its certificate; --cert alone with --key
    is what a certification authority returned. The files are copied and stay where they are.
    """
    from gateway.cli.key_folder import KeyFolder

    folder = KeyFolder.of(config)
    if file is None and cert is not None and existing is not None:
        entry = folder.certify(owner, existing, cert)
    elif file is not None and existing is None:
        entry = folder.take_in(owner, file, cert, passphrase_file=passphrase_file, name=name)
    else:
        raise typer.BadParameter("give FILE, FILE with --cert, or --key with --cert", param_hint="FILE")
    _print_made(folder, entry.name, json=json)


@app.command("list")
def list_(config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """Show every key: owner, use, kind, days left, dates, fingerprint of its certificate."""
    from gateway import clock
    from gateway.cli.codes_text import print_table
    from gateway.cli.key_folder import KeyFolder, key_as_dict
    from gateway.cli.render import print_json

    at = clock.now()
    keyring = KeyFolder.of(config).keyring()
    keys = [key_as_dict(keyring, key, at) for key in keyring.keys]
    if json:
        print_json({"at": at.isoformat(), "keys": keys})
        return
    columns = ("owner", "name", "use", "algorithm", "days_left", "signs_from", "ends", "fingerprint")
    rows = [tuple("" if key[column] is None else str(key[column]) for column in columns) for key in keys]
    print_table(tuple(column.replace("_", " ") for column in columns), rows)


@app.command()
def roll(
    owner: Owner,
    to: Annotated[
        str | None, typer.Option("--to", help="Name of the next key, when there are several.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="When it begins to sign (ISO 8601; UTC); now otherwise."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen and who would refuse us; change nothing.")
    ] = False,
    ask: Annotated[
        bool, typer.Option("--ask/--no-ask", help="Ask each partner with a test message from the next key.")
    ] = True,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Let the next key of an owner sign from a moment on.

    A running gateway needs no restart: it reads the change and switches at that second. The key that signs
    until then becomes a retired one, and what it sealed still verifies. Ends with 1, and changes nothing,
    when the next key is not fit. A partner that would refuse it does not stop the switch: it may learn the
    certificate until then.
    """
    from gateway import clock
    from gateway.cli.key_folder import KeyFolder
    from gateway.cli.probing import who_knows
    from gateway.cli.render import print_json

    now = clock.now()
    when = moment(at, "--at") or now
    if when < now - timedelta(minutes=1):
        raise typer.BadParameter(f"{when:%Y-%m-%d %H:%M:%S} UTC is past", param_hint="--at")
    folder = KeyFolder.of(config)
    following, report = folder.plan_roll(owner, to, when)
    name = following.name
    partners = who_knows(folder.settings, following) if ask and report.accepted else {}
    if report.accepted and not dry_run:
        folder.begin(name, when)
    answer: dict[str, Any] = {
        "owner": owner,
        "name": name,
        "at": when.isoformat(),
        "done": report.accepted and not dry_run,
        "findings": report.as_list(),
        "partners": [
            {"partner": partner, "next_key": knowledge.value, "message": text}
            for partner, (knowledge, text) in partners.items()
        ],
    }
    if json:
        print_json(answer)
    else:
        for finding in report.findings:
            typer.echo(f"{finding.severity.value}: {finding.message}")
        for partner, (knowledge, text) in partners.items():
            typer.echo(f"{partner}: {knowledge.value} the next key{_why(knowledge, text)}")
        typer.echo(_outcome(owner, name, when, accepted=report.accepted, dry_run=dry_run))
    if not report.accepted:
        raise typer.Exit(1)


@app.command()
def retire(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the key, as `ecites keys list` says.")],
    delete_key: Annotated[
        bool, typer.Option("--delete-key", help="Also delete its private key; the certificate stays.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Let a key never sign again; what it sealed still verifies.

    A key that signs now can be retired only after another one has taken its place.
    """
    from gateway.cli.key_folder import KeyFolder

    folder = KeyFolder.of(config)
    folder.retire(name, delete_key=delete_key)
    _print_made(folder, name, json=json)


def _why(knowledge: "Knowledge", text: str) -> str:
    """What a partner said, unless it accepts; then there is nothing to do."""
    if knowledge.value == "accepts":
        return ""
    return f": {text}\n  what to do: give its operator the certificate, and have the fingerprint read back"


def _outcome(owner: str, name: str, when: datetime, *, accepted: bool, dry_run: bool) -> str:
    """The last line of a roll."""
    if not accepted:
        return f"not done: {owner} goes on with its present key"
    done = "would sign" if dry_run else "signs"
    return f"{name} {done} for {owner} from {when:%Y-%m-%d %H:%M:%S} UTC on"


def _print_made(folder: Any, name: str, *, json: bool) -> None:
    """One key after it was changed."""
    from gateway import clock
    from gateway.cli.key_folder import key_as_dict
    from gateway.cli.render import print_json

    keyring = folder.keyring()
    key = next(each for each in keyring.keys if each.name == name)
    known = key_as_dict(keyring, key, clock.now())
    if json:
        print_json(known)
        return
    typer.echo(f"{name}: {known['use']} key of {known['owner']}")
    for label in ("algorithm", "subject", "begins", "ends", "signs_from", "fingerprint"):
        if known[label] is not None:
            typer.echo(f"  {label.replace('_', ' '):<12} {known[label]}")
