"""`ecites rules`: what a permit is checked against."""

import difflib
from typing import Annotated, Any

import typer

from gateway.cli.options import InLanguage, Json, Language

app = typer.Typer(help="See the rules that a permit is checked against.", no_args_is_help=True)


@app.command("list")
def list_(json: Json = False, language: InLanguage = Language.EN) -> None:
    """List all rules: id, severity, box, what each demands."""
    from rich.console import Console
    from rich.table import Table

    from gateway.cli.render import print_json
    from gateway.permits.rules import RULES
    from gateway.wording import translated

    if json:
        print_json([_described(rule, language) for rule in RULES.values()])
        return
    table = Table("rule", "severity", "box", "demands", box=None, pad_edge=False)
    for rule in RULES.values():
        table.add_row(rule.id, rule.severity.value, rule.box, translated(rule.summary, language))
    Console().print(table)


@app.command()
def show(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Its id, for example validity.expired.")],
    json: Json = False,
    language: InLanguage = Language.EN,
) -> None:
    """Show one rule: what it demands, by which source, and what it needs to be checked."""
    from gateway.cli.render import print_json
    from gateway.permits.rules import RULES

    known = RULES.get(rule)
    if known is None:
        near = difflib.get_close_matches(rule, RULES, n=1)
        hint = f"; did you mean {near[0]}?" if near else "; see: ecites rules list"
        raise typer.BadParameter(f"there is no rule {rule}{hint}", param_hint="RULE")
    described = _described(known, language)
    if json:
        print_json(described)
        return
    for name, value in described.items():
        typer.echo(f"{name:<10} {value or '-'}")


def _described(rule: Any, language: str) -> dict[str, Any]:
    """A rule as data."""
    from gateway.wording import translated

    return {
        "rule": rule.id,
        "demands": translated(rule.summary, language),
        "severity": rule.severity.value,
        "floor": rule.floor.value,
        "area": rule.area.value,
        "box": rule.box,
        "types": rule.types,
        "needs": rule.needs.value if rule.needs else None,
        "source": rule.source,
    }
