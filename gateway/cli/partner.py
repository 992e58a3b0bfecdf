"""`ecites partner`: whom this gateway exchanges with, and the signed directories that say so."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config, Json, Reason, Who, Yes, author_of

if TYPE_CHECKING:
    from gateway.exchange.directory_file import DirectoryFile
    from gateway.flows.author import Author

app = typer.Typer(
    help="See, add and test partners; exchange signed directories of them.", no_args_is_help=True
)

DirectoryArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="A signed directory.", exists=True, dir_okay=False)
]


@app.command("list")
def list_(config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """Show every partner: configured, added, and of imported directories; and whether it answers."""
    from gateway import clock
    from gateway.cli.partner_health import health_as_dict, health_of_partners, in_a_word
    from gateway.cli.partner_text import print_table
    from gateway.cli.partners import registered
    from gateway.cli.render import print_json
    from gateway.config import load

    settings, at = load(config), clock.now()
    found, health = registered(settings), health_of_partners(settings)
    if json:
        print_json(
            {
                "partners": [
                    {**each.as_dict(), "health": health_as_dict(health.get(each.partner.id), at)}
                    for each in found
                ]
            }
        )
        return
    rows = [
        (
            each.partner.id,
            each.source,
            in_a_word(health.get(each.partner.id), at),
            ", ".join(str(a.id) for a in each.partner.authorities),
            each.partner.url,
        )
        for each in found
    ]
    print_table(("id", "from", "breaker", "authorities", "address"), rows)
    typer.echo(f"{len(rows)} {'partner' if len(rows) == 1 else 'partners'}")


@app.command()
def show(
    partner: Annotated[str, typer.Argument(metavar="ID", help="Id of a partner.")],
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Show all about one partner: address, authorities, certificates, agreements, and how it answers."""
    from gateway import clock
    from gateway.cli.partner_health import health_as_dict, health_of_partners, print_health
    from gateway.cli.partner_text import print_partner
    from gateway.cli.partners import registered
    from gateway.cli.render import print_json
    from gateway.config import load

    settings, at = load(config), clock.now()
    found = {each.partner.id: each for each in registered(settings)}
    if partner not in found:
        known = ", ".join(found) or "none"
        raise typer.BadParameter(f"there is no partner {partner!r}; known: {known}", param_hint="ID")
    health = health_of_partners(settings).get(partner)
    if json:
        print_json({**found[partner].as_dict(), "health": health_as_dict(health, at)})
    else:
        print_partner(found[partner].partner, found[partner].source, at)
        print_health(health, at)


@app.command()
def export(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.", dir_okay=False)],
    own: Annotated[bool, typer.Option("--own", help="Only this gateway, without its partners.")] = False,
    serial: Annotated[
        int | None,
        typer.Option(min=1, max=10**18 - 1, help="Number of this edition; the moment as one otherwise."),
    ] = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Write a directory, signed with the key of this gateway.

    It lists this gateway and the partners of the configuration. It takes id, url and publisher from
    [directories] in the configuration.
    """
    from gateway import clock
    from gateway.cli.partners import make_directory
    from gateway.cli.render import print_json
    from gateway.config import load
    from gateway.errors import ConfigurationError
    from gateway.exchange.directory_file import build
    from gateway.loading.keys import load_keyring
    from gateway.signatures.keyring import GATEWAY
    from gateway.signatures.sign import sign

    settings, at = load(config), clock.now()
    keyring = load_keyring(settings, at)
    directory = make_directory(settings, keyring, at, own=own, serial=serial)
    data = sign(build(directory), keyring.active(GATEWAY, at))
    try:
        out.write_bytes(data)
    except OSError as error:
        raise ConfigurationError(f"{out} cannot be written: {error.strerror}") from None
    if json:
        print_json({"file": str(out), **_summary(directory)})
    else:
        typer.echo(f"{out}: {_headline(directory)}")


@app.command()
def check(
    file: DirectoryArgument,
    trust: Annotated[
        list[Path] | None,
        typer.Option(help="Certificate of a publisher; those of the configuration otherwise.", exists=True),
    ] = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Verify a directory; show what is in it and what importing it would change.

    Nothing is changed. Ends with 1 when the directory would not be imported.
    """
    from gateway import clock
    from gateway.cli.partner_text import print_changes, print_partner
    from gateway.cli.partners import changes_of, examine, read_file
    from gateway.cli.render import print_json
    from gateway.config import load

    settings, at = load(config), clock.now()
    directory, before = examine(read_file(file), settings, at, trust=trust)
    changes = changes_of(before, directory, settings.directories.id)
    if json:
        print_json({**_summary(directory), "changes": changes})
        return
    typer.echo(_headline(directory))
    for partner in directory.partners:
        print_partner(partner, "", at)
    print_changes(changes)


@app.command("import")
def import_(
    file: DirectoryArgument,
    reason: Reason,
    name: Who = None,
    yes: Yes = False,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Verify a directory and take it over, after showing what changes.

    It replaces the edition of the same publisher that was imported before. The message log keeps who did
    it and why. A gateway that runs goes by it a few seconds later.
    """
    from gateway import clock
    from gateway.cli.partner_changes import take_over
    from gateway.cli.partner_text import print_changes
    from gateway.cli.partners import changes_of, examine, read_file
    from gateway.cli.render import print_json
    from gateway.config import load

    author = _author(name, reason, json=json, yes=yes)
    settings, at = load(config), clock.now()
    data = read_file(file)
    directory, before = examine(data, settings, at)
    changes = changes_of(before, directory, settings.directories.id)
    if not json:
        typer.echo(_headline(directory))
        print_changes(changes)
    if not yes:
        typer.confirm("Take it over?", abort=True)
    target = take_over(data, directory, changes, settings, author)
    if json:
        print_json({"file": str(target), **_summary(directory), "changes": changes})
    else:
        typer.echo(f"{target}: taken over; {IN_FORCE}")


@app.command()
def add(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="What the partner gave: NAME.partner.toml, its certificates beside it.",
            exists=True,
            dir_okay=False,
        ),
    ],
    reason: Reason,
    replacing: Annotated[bool, typer.Option("--replace", help="Replace the partner of that name.")] = False,
    name: Who = None,
    yes: Yes = False,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Register a partner, after showing its address and the fingerprints of its certificates.

    Compare the fingerprints with its operator by telephone first. The certificates are copied into partners.d
    beside the configuration. The message log keeps who did it and why. A gateway that runs goes by it a few
    seconds later.
    """
    from gateway import clock
    from gateway.cli.partner_changes import add as add_partner
    from gateway.cli.partner_changes import read_new
    from gateway.cli.partner_text import as_dict, print_partner
    from gateway.cli.partners import listed_partner
    from gateway.cli.render import print_json
    from gateway.config import load

    author = _author(name, reason, json=json, yes=yes)
    settings, at = load(config), clock.now()
    new = read_new(file, settings, replacing=replacing)
    listed = listed_partner(new.partner)
    if not json:
        print_partner(listed, "", at)
    if not yes:
        typer.confirm(f"{'Replace' if new.replaces else 'Add'} this partner?", abort=True)
    target = add_partner(new, settings, author)
    if json:
        print_json({"file": str(target), **as_dict(listed), "replaced": new.replaces})
    else:
        typer.echo(f"{target}: {'replaced' if new.replaces else 'added'}; {IN_FORCE}")


@app.command()
def remove(
    partner: Annotated[
        str, typer.Argument(metavar="NAME", help="A partner that was added, or the publisher of a directory.")
    ],
    reason: Reason,
    name: Who = None,
    yes: Yes = False,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Take away a partner that was added, or a directory that was imported.

    What waits for it stays queued until its time is over. The message log keeps who did it and why. A gateway
    that runs goes by it a few seconds later.
    """
    from gateway.cli.partner_changes import remove as remove_partner
    from gateway.cli.render import print_json
    from gateway.config import load

    author = _author(name, reason, json=json, yes=yes)
    settings = load(config)
    if not yes:
        typer.confirm(
            f"Remove {partner}? Nothing is accepted from it, or sent to it, after that.", abort=True
        )
    file = remove_partner(partner, settings, author)
    if json:
        print_json({"file": str(file), "removed": partner})
    else:
        typer.echo(f"{file}: removed; {IN_FORCE}")


@app.command("test")
def try_(
    partner: Annotated[str, typer.Argument(metavar="ID", help="Id of a partner.")],
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Also send what it must turn away; it shows in its log.")
    ] = False,
    name: Who = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Try a partner with test messages: it answers them with receipts and delivers them to nobody.

    Ends with 1 when something that it must do has failed. The message log keeps who did it and what came of
    it.
    """
    from gateway.cli.partner_text import print_trials
    from gateway.cli.probing import try_partner
    from gateway.cli.render import print_json
    from gateway.config import load

    author = _author(name, "test", json=json, yes=True)
    try:
        trials = try_partner(load(config), partner, thorough=thorough, who=author.who)
    except KeyError:
        raise typer.BadParameter(
            f"there is no partner {partner!r}: ecites partner list", param_hint="ID"
        ) from None
    failed = any(trial.passed is not True and trial.level == "MUST" for trial in trials)
    if json:
        results = [trial.as_dict() for trial in trials]
        print_json({"partner": partner, "passed": not failed, "trials": results})
    else:
        print_trials(trials)
        typer.echo(f"partner {partner}: {'not as it must be' if failed else 'in order'}")
    if failed:
        raise typer.Exit(1)


IN_FORCE = "a gateway that runs goes by it within seconds"


def _author(name: str | None, reason: str, *, json: bool, yes: bool) -> "Author":
    """Who makes a change and why, checked before anything is read."""
    from gateway.flows.author import Author

    return Author(author_of(name, reason, json=json, yes=yes), reason)


def _headline(directory: "DirectoryFile") -> str:
    """Whose directory, which edition, of when."""
    return (
        f"directory of {directory.publisher}, serial {directory.serial}, "
        f"issued {directory.issued_at:%Y-%m-%d %H:%M} UTC, {len(directory.partners)} gateway(s)"
    )


def _summary(directory: "DirectoryFile") -> dict[str, object]:
    """The JSON shape of a directory."""
    from gateway.cli.partner_text import as_dict

    return {
        "publisher": directory.publisher,
        "serial": directory.serial,
        "issued_at": directory.issued_at.isoformat(),
        "partners": [as_dict(partner) for partner in directory.partners],
    }
