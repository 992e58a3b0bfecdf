"""`ecites alert`: what is wrong now, and whether those hear of it who should."""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config, Json

if TYPE_CHECKING:
    from gateway.exchange.alarms import Alert

app = typer.Typer(help="Alarms: what is wrong now, and who is told.", no_args_is_help=True)


@app.command("list")
def list_(
    config: Config = DEFAULT_CONFIG,
    every: Annotated[bool, typer.Option("--all", help="Also those that are over, for 30 days.")] = False,
    json: Json = False,
) -> None:
    """
    List alarms, the oldest first, with what to do and who was told.

    A running gateway looks for them; this command only reads what it found.
    """
    from gateway.cli.alert_work import kept
    from gateway.cli.render import print_json
    from gateway.config import load

    alerts = [alert for alert in kept(load(config)) if every or not alert.ended]
    if json:
        print_json({"alerts": [_as_dict(alert) for alert in alerts]})
        return
    for alert in alerts:
        until = f", over since {alert.ended_at:%Y-%m-%d %H:%M}" if alert.ended_at else ""
        typer.echo(f"{alert.kind.value}: {alert.text}")
        typer.echo(
            f"  since {alert.begun_at:%Y-%m-%d %H:%M} UTC{until}; told: {', '.join(alert.told) or 'nobody'}"
        )
        typer.echo(f"  {alert.advice}")
    if not alerts:
        typer.echo("nothing is wrong, as far as a running gateway has seen")


@app.command("test")
def try_(config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """
    Send a test to each receiver of [alerts] now, and tell what it says.

    Ends with 3 when one of them does not take it, or when there is none.
    """
    from gateway.cli.alert_work import try_receivers
    from gateway.cli.render import print_json
    from gateway.cli.runtime import Exit
    from gateway.config import load

    tried = try_receivers(load(config))
    if json:
        print_json({"receivers": [each.as_dict() for each in tried]})
    else:
        for each in tried:
            said = (
                f"took it in {each.seconds:.3f} s"
                if each.error is None
                else f"did not take it: {each.error.message}"
            )
            typer.echo(f"{each.name}: {said}")
            if each.error is not None and each.error.advice:
                typer.echo(f"  what to do: {each.error.advice}")
        if not tried:
            typer.echo("nobody is told: add [alerts.webhook] or [alerts.mail] to the configuration", err=True)
    if not tried or any(each.error for each in tried):
        raise typer.Exit(Exit.BROKEN)


def _as_dict(alert: "Alert") -> dict[str, object]:
    """The JSON shape."""
    return {
        "id": alert.id,
        "kind": alert.kind.value,
        "subject": alert.subject,
        "partner": alert.partner,
        "text": alert.text,
        "advice": alert.advice,
        "amount": alert.amount,
        "begun_at": alert.begun_at.isoformat(),
        "ended_at": alert.ended_at.isoformat() if alert.ended_at else None,
        "told": {
            name: {"ended": each.ended, "at": each.at.isoformat()}
            for name, each in sorted(alert.told.items())
        },
    }
