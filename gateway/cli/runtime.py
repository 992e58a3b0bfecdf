"""Where commands come together, and where errors become sentences and exit codes."""

import os
import sys
from enum import IntEnum

import typer

from gateway.cli import (
    alert,
    codes,
    db,
    delivery,
    demo,
    doctor,
    evidence,
    init,
    keys,
    log,
    log_tree,
    partner,
    permit,
    qr,
    report,
    rules,
    serve,
    simulate,
    species,
    token,
    trust,
    user,
    webhook,
)
from gateway.errors import ExchangeError, GatewayError, OperationError


class Exit(IntEnum):
    """What a command ends with."""

    GOOD = 0
    BAD_DOCUMENT = 1
    USAGE = 2
    BROKEN = 3


app = typer.Typer(
    name="ecites",
    help="Exchange gateway for electronic CITES permits: validate, sign, verify, route, prove.",
    epilog="Exit codes: 0 good, 1 the document is bad, 2 usage, 3 the gateway is broken.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(permit.app, name="permit")
app.add_typer(qr.app, name="qr")
app.add_typer(codes.app, name="codes")
app.add_typer(rules.app, name="rules")
app.add_typer(species.app, name="species")
app.add_typer(keys.app, name="keys")
app.add_typer(partner.app, name="partner")
app.add_typer(delivery.app, name="delivery")
app.add_typer(delivery.dead, name="dead")
app.add_typer(evidence.app, name="evidence")
app.add_typer(webhook.app, name="webhook")
app.add_typer(alert.app, name="alert")
app.add_typer(report.app, name="report")
log.app.command("verify", short_help="Whether anything in the log was changed.")(log_tree.verify)
log.app.command("checkpoint", short_help="Sign the log as it is now.")(log_tree.checkpoint)
log.app.command("prove", short_help="Prove that entries are in the log.")(log_tree.prove)
app.add_typer(log.app, name="log")
app.add_typer(db.app, name="db")
app.add_typer(token.app, name="token")
app.add_typer(user.app, name="user")
app.add_typer(trust.app, name="trust")
app.command("init", short_help="Make a working folder.")(init.init)
app.command("serve", short_help="Run the gateway.")(serve.serve)
app.command("doctor", short_help="Check that this gateway is in order.")(doctor.doctor)
app.command("demo", short_help="Watch permits travel between two gateways.")(demo.demo)
app.command("simulate", short_help="Many gateways and a network that fails them.")(simulate.simulate)


@app.callback(invoke_without_command=True)
def root(
    version: bool = typer.Option(False, "--version", help="Print the version and end.", is_eager=True),
) -> None:
    """Exchange gateway for electronic CITES permits: validate, sign, verify, route, prove."""
    if version:
        from gateway import __version__

        typer.echo(f"ecites-gateway {__version__}")
        raise typer.Exit


def exit_code(error: GatewayError) -> Exit:
    """The exit code of an error: ours to mend, or the document's."""
    return Exit.BROKEN if isinstance(error, (OperationError, ExchangeError)) else Exit.BAD_DOCUMENT


def main() -> None:
    """Run one command; an error is a sentence on standard error, never a traceback."""
    try:
        app(prog_name="ecites")
    except GatewayError as error:
        say_error(error)
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        sys.exit(130)  # 128 + SIGINT, as shells have it
    except BrokenPipeError:
        # The reader has seen enough (`ecites ... | head`); Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.GOOD)
    except Exception as error:
        if os.environ.get("ECITES_DEBUG"):
            raise
        typer.echo(
            f"error: a mistake in the gateway itself: {type(error).__name__}: {error}\n"
            "what to do: run it again with ECITES_DEBUG=1 and report what it prints",
            err=True,
        )
        sys.exit(Exit.BROKEN)


def say_error(error: GatewayError) -> None:
    """What is wrong and what to do, on standard error."""
    typer.echo(f"error: {error.message} [{error.code}]", err=True)
    if error.advice:
        typer.echo(f"what to do: {error.advice}", err=True)
