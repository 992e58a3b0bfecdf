"""What `ecites trust` does in the database."""

import sys
from pathlib import Path
from typing import Any

import typer

from gateway.cli.operating import with_node
from gateway.cli.options import author_of
from gateway.cli.render import print_json
from gateway.config import Settings
from gateway.errors import ConfigurationError
from gateway.flows.ports import Node
from gateway.flows.prove_again import prove_again
from gateway.flows.sign_in import Whereabouts
from gateway.flows.trust_facts import in_words
from gateway.flows.two_persons import agree, changes_of_trust, names_of_people, refuse
from gateway.people.proposals import Proposal, ProposalState

LEAST = 8
"""Characters of a digest; fewer would let a slip of the finger name another change."""
_SHOWN = 16


def list_changes(settings: Settings, *, json: bool) -> None:
    """All changes, what waits first."""
    changes, names = with_node(settings, _look)
    changes = sorted(changes, key=lambda each: not each.state.open)
    if json:
        print_json({"changes": [as_dict(each, names) for each in changes]})
        return
    for each in changes:
        typer.echo(f"{each.digest[:_SHOWN]}  {each.found_at:%Y-%m-%d %H:%M}Z  {_state(each, names)}")
        for sign, facts in (("+", each.adds), ("-", each.removes)):
            for fact in sorted(facts):
                typer.echo(f"    {sign} {in_words(fact)}")
    waiting = sum(each.state.open for each in changes)
    typer.echo(f"{waiting} {'change waits' if waiting == 1 else 'changes wait'}")


def act(
    settings: Settings, digest: str, name: str, reason: str, secrets: Path | None, *, agrees: bool, json: bool
) -> None:
    """Agree or refuse, with password and code."""
    author_of(name, reason, json=json, yes=True)
    changes, names = with_node(settings, _look)
    found = [each for each in changes if each.digest.startswith(digest) and each.state.open]
    if len(digest) < LEAST or len(found) != 1:
        raise typer.BadParameter(
            f"{len(found)} changes wait whose digest begins so: ecites trust list", param_hint="DIGEST"
        )
    (change,) = found
    if not json:
        for sign, facts in (("+", change.adds), ("-", change.removes)):
            for fact in sorted(facts):
                typer.echo(f"  {sign} {in_words(fact)}")
    password, code = _secrets(secrets)

    async def run(node: Node) -> Proposal:
        account = await prove_again(name, password, code, Whereabouts(), node)
        return await (agree if agrees else refuse)(change.id, change.digest, account, reason, node)

    done = with_node(settings, run)
    if json:
        print_json(as_dict(done, names))
    else:
        typer.echo(f"{done.digest[:_SHOWN]}: {_state(done, names)}")


def as_dict(change: Proposal, names: dict[str, str]) -> dict[str, Any]:
    """The JSON shape."""
    return {
        "digest": change.digest,
        "state": change.state.value,
        "found_at": change.found_at.isoformat(),
        "adds": [in_words(fact) for fact in sorted(change.adds)],
        "removes": [in_words(fact) for fact in sorted(change.removes)],
        "asked_by": names.get(change.asked_by),
        "agreed_by": names.get(change.agreed_by),
        "agreed_at": change.agreed_at.isoformat() if change.agreed_at else None,
        "reason": change.reason,
    }


def _state(change: Proposal, names: dict[str, str]) -> str:
    """In words."""
    first, second = names.get(change.asked_by, "nobody"), names.get(change.agreed_by, "nobody")
    if change.state is ProposalState.AGREED and not change.asked_by:
        return "counts: from here on two must agree"
    return {
        ProposalState.FOUND: "waits for two administrators",
        ProposalState.ASKED: f"waits for a second administrator; {first} has agreed: {change.reason}",
        ProposalState.AGREED: f"counts; {first} and {second} have agreed: {change.reason}",
        ProposalState.REFUSED: f"refused: {change.reason}",
        ProposalState.OVERTAKEN: "overtaken",
    }[change.state]


async def _look(node: Node) -> tuple[list[Proposal], dict[str, str]]:
    """Changes, and names of people by id."""
    return await changes_of_trust(node), await names_of_people(node)


def _secrets(file: Path | None) -> tuple[str, str]:
    """Password and code: typed without being shown, or the first two lines of a file; never arguments."""
    if file is None:
        if not sys.stdin.isatty():
            raise typer.BadParameter("nobody can be asked here: say --secrets FILE", param_hint="--secrets")
        return str(typer.prompt("password", hide_input=True)), str(typer.prompt("code of your app"))
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"password and code in {file} cannot be read: {error}") from None
    lines = [*text.splitlines(), "", ""]
    return lines[0], lines[1]
