"""`ecites trust`: changes of whom this gateway believes, to which two persons agree."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config, Json, Reason

app = typer.Typer(help="Agree, as two persons, to whom this gateway believes.", no_args_is_help=True)

Digest = Annotated[
    str, typer.Argument(metavar="DIGEST", help="How the digest of the change begins: ecites trust list.")
]
Name = Annotated[str, typer.Option("--as", metavar="NAME", help="Under which you sign in to the console.")]
Secrets = Annotated[
    Path | None,
    typer.Option(
        help="Holds password and code in its first two lines; - is standard input.", allow_dash=True
    ),
]


@app.callback()
def group() -> None:
    """Agree, as two persons, to whom this gateway believes."""


@app.command("list")
def list_(config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """Show the changes that wait for two administrators, fact by fact, and what became of earlier ones."""
    from gateway.cli.trust_work import list_changes
    from gateway.config import load

    list_changes(load(config), json=json)


@app.command()
def agree(
    digest: Digest,
    name: Name,
    reason: Reason,
    secrets: Secrets = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Agree to exactly this change: it counts when a second administrator has done so too.

    Asks for password and code. A gateway that runs goes by it within seconds.
    """
    from gateway.cli.trust_work import act
    from gateway.config import load

    act(load(config), digest, name, reason, secrets, agrees=True, json=json)


@app.command()
def refuse(
    digest: Digest,
    name: Name,
    reason: Reason,
    secrets: Secrets = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Refuse a change: it does not count for as long as the files ask for it. Asks for password and code."""
    from gateway.cli.trust_work import act
    from gateway.config import load

    act(load(config), digest, name, reason, secrets, agrees=False, json=json)
