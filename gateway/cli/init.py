"""`ecites init`: a new working folder."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.options import Json


def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make.", file_okay=False)],
    authority: Annotated[
        list[str], typer.Option(help="An authority that lives here, such as CH:MA; may be repeated.")
    ],
    port: Annotated[int, typer.Option(help="Port of the web server.", min=1, max=65535)] = 8400,
    key_type: Annotated[str, typer.Option(help="Kind of the development keys: ec or rsa.")] = "ec",
    database: Annotated[
        str, typer.Option(metavar="URL", help="A PostgreSQL database that is there: postgresql://...")
    ] = "",
    json: Json = False,
) -> None:
    """
    Make a working folder: configuration, throw-away development keys, database, tokens.

    Without --database it is a SQLite file in the folder. The tokens are shown once; the database keeps
    only their hashes.
    """
    from gateway.cli.folder import make_folder
    from gateway.cli.render import print_json
    from gateway.errors import MalformedRequest
    from gateway.permits.identity import AuthorityId

    if key_type not in ("ec", "rsa"):
        raise typer.BadParameter("write ec or rsa", param_hint="--key-type")
    try:
        authorities = [AuthorityId.parse(text) for text in dict.fromkeys(authority)]
    except MalformedRequest as error:
        raise typer.BadParameter(f"{error.message}; {error.advice}", param_hint="--authority") from None
    made = make_folder(folder, authorities, port=port, algorithm=key_type, database=database)
    if json:
        print_json(
            {
                "config": str(made.config),
                "partner_file": str(made.partner_file),
                "tokens": [{"authority": name, "token": token} for name, token in made.tokens.items()],
            }
        )
        return
    typer.echo(f"made {folder} with throw-away keys, good for trying things out and for nothing else\n")
    typer.echo("tokens, shown this once:")
    for name, token in made.tokens.items():
        typer.echo(f"  {name:<12} {token}")
    typer.echo(
        f"\nnext:\n"
        f"  ecites user add NAME --post administrator --reason first --config {made.config}\n"
        f"  ecites serve --config {made.config}\n"
        f"  give {made.partner_file} and the certificates beside it to your partners,\n"
        f"  and take in theirs: ecites partner add NAME.partner.toml --reason WHY --config {made.config}"
    )
