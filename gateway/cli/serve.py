"""`ecites serve`: the gateway itself."""

from gateway.cli.options import DEFAULT_CONFIG, Config


def serve(config: Config = DEFAULT_CONFIG) -> None:
    """
    Run the gateway: web server and delivery worker, until SIGTERM or Ctrl-C.

    Logs JSON lines to standard error. Refuses to start when a key, a certificate, the trust store or the
    database is missing or does not fit.
    """
    import asyncio

    from gateway import app
    from gateway.config import load
    from gateway.telemetry.logs import set_up

    settings = load(config)
    set_up(settings.log_level)
    asyncio.run(app.serve(settings))
