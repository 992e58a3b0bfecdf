"""`ecites serve`: the gateway itself."""

from typing import Annotated

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config


def serve(
    config: Config = DEFAULT_CONFIG,
    web_only: Annotated[bool, typer.Option("--web-only", help="Take requests; send nothing.")] = False,
    worker_only: Annotated[
        bool, typer.Option("--worker-only", help="Send what is queued; take no requests.")
    ] = False,
) -> None:
    """
    Run the gateway: web server and delivery worker, until SIGTERM or Ctrl-C.

    Logs JSON lines to standard error. Refuses to start when a key, a certificate, the trust store or the
    database is missing or does not fit. Any number of processes may share one PostgreSQL.
    """
    import asyncio

    from gateway import app
    from gateway.config import load
    from gateway.telemetry.logs import set_up

    if web_only and worker_only:
        raise typer.BadParameter("a process that does neither is of no use", param_hint="--worker-only")
    duty = app.Duty.WEB if web_only else app.Duty.WORKER if worker_only else app.Duty.ALL
    settings = load(config)
    set_up(settings.log_level)
    asyncio.run(app.serve(settings, duty))
