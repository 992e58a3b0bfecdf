"""`ecites webhook`: systems at authorities that are told what happened."""

from typing import Annotated

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config, Json

app = typer.Typer(help="Push what happens to permits to the systems of authorities.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of a webhook, such as customs.")]


@app.command()
def new(
    name: Name,
    authority: Annotated[
        str, typer.Option(help="The authority that is told, such as FR:CUSTOMS; for a new webhook.")
    ] = "",
    url: Annotated[str, typer.Option(help="Where its system takes events; https, for a new webhook.")] = "",
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Make a secret, and show what to write into the configuration.

    For a name that is configured already it is a second secret: both sign until the first one is taken away.
    The secret stands in a file beside the keys; give it to the receiver by a way that nobody else reads.
    """
    from gateway.cli.render import print_json
    from gateway.cli.webhook_work import make
    from gateway.config import load

    made = make(load(config), name, authority, url)
    if json:
        print_json({"name": name, "file": str(made.file), "secret": made.secret, "table": made.table})
        return
    typer.echo(f"secret: {made.secret}")
    typer.echo(f"it stands in {made.file}")
    typer.echo(f"write into {config}, and start the gateway again:\n")
    typer.echo(made.table)


@app.command("list")
def list_(config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """List webhooks: whom they tell, what, and how their receivers answer."""
    from gateway.cli.codes_text import print_table
    from gateway.cli.render import print_json
    from gateway.cli.webhook_work import listed
    from gateway.config import load

    rows = listed(load(config))
    if json:
        print_json({"webhooks": [row.as_dict() for row in rows]})
        return
    print_table(
        ("name", "authority", "url", "format", "secrets", "breaker", "last error"),
        [row.cells() for row in rows],
    )


@app.command("test")
def try_(name: Name, config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """Push an event of the kind webhook.test now, once, and tell what the receiver says."""
    from gateway.cli.render import print_json
    from gateway.cli.webhook_work import known, push_test
    from gateway.config import load

    settings = load(config)
    webhook = known(settings, name)
    event_id, seconds = push_test(settings, webhook)
    if json:
        print_json({"name": name, "url": webhook.url, "id": event_id, "seconds": round(seconds, 3)})
    else:
        typer.echo(f"{name}: {webhook.url} took event {event_id} in {seconds:.3f} s")
