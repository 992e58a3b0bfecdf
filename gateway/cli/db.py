"""`ecites db`: the database."""

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config, Json

app = typer.Typer(help="Prepare the database.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Prepare the database."""


@app.command()
def upgrade(config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """
    Make the tables, or bring them to the shape that this program expects; safe to run again.

    A SQLite file is made too; a PostgreSQL database must be there. Two at once do not disturb each other, and
    on PostgreSQL running gateways go on meanwhile.
    """
    import asyncio

    from gateway.cli.render import print_json
    from gateway.config import load
    from gateway.loading.database import database_url
    from gateway.storage.engine import open_engine
    from gateway.storage.engine import upgrade as migrate

    async def run() -> None:
        engine = open_engine(database_url(settings), hurried=False)
        try:
            await migrate(engine)
        finally:
            await engine.dispose()

    settings = load(config)
    asyncio.run(run())
    if json:
        print_json({"database": "ready"})
    else:
        typer.echo("the database is ready")
