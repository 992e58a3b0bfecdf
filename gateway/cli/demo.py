"""`ecites demo`: two gateways on this machine, and permits that travel between them."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.options import Json

if TYPE_CHECKING:
    from gateway.cli.demonstration.network import DemoNode
    from gateway.cli.demonstration.story import Act

QUICK = """
[delivery]
first_pause_seconds = 0.5
longest_pause_seconds = 2.0

[worker]
poll_seconds = 1.0
"""
"""The demonstration does not wait as long as the real world."""


def demo(
    once: Annotated[bool, typer.Option("--once", help="Play the story, clean up, and end.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the files where they are.")] = False,
    json: Json = False,
) -> None:
    """
    Watch permits travel: Switzerland's and France's gateways, each with its Management Authority and customs.

    Two real processes on free loopback ports, each with its own SQLite file. Without --once the network
    stays up and ready-made curl lines are printed. Ends with 0 only if each permit ended as it should.
    """
    import asyncio
    import shutil
    import tempfile

    from gateway.cli.demonstration.network import make_network
    from gateway.cli.render import print_json

    folder = Path(tempfile.mkdtemp(prefix="ecites-demo-"))
    try:
        nodes = make_network(folder, ["CH", "FR"], extra=QUICK)
        if not json:
            typer.echo(f"Two gateways, CH and FR, with their files in {folder}\n")
            typer.echo(f"{'WHO':<27}  {'WHAT':<38}  RESULT")
        acts = asyncio.run(_run(nodes, stay=not once, quiet=json))
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    good = all(act.as_expected for act in acts)
    if json:
        print_json(
            {
                "good": good,
                "files": str(folder) if keep else None,
                "permits": [act.as_dict() for act in acts],
            }
        )
    else:
        _summary(acts, folder, keep=keep)
    raise typer.Exit(0 if good else 1)


async def _run(nodes: "dict[str, DemoNode]", *, stay: bool, quiet: bool) -> list["Act"]:
    """Start the network, play the story, and stop what was started whatever happens."""
    import aiohttp

    from gateway.cli.demonstration.story import Story

    async with aiohttp.ClientSession() as session:
        try:
            for node in nodes.values():
                node.start()
            for node in nodes.values():
                await node.ready(session)
            acts = await Story(nodes, session, _silent if quiet else _tell).play()
            if stay:
                await _stay(nodes)
        finally:
            for node in nodes.values():
                node.stop()
    return acts


def _tell(who: str, what: str, result: str) -> None:
    """One row of the journey; the end of an act stands apart."""
    from gateway.cli.render import styled

    if who:
        typer.echo(f"{who:<27}  {what:<38}  {result}")
    elif not what:
        typer.echo(f"{'':<27}  why: {result}")
    else:
        good = result == "as expected"
        typer.echo(styled(f"{'':<27}  = {what}: {result}\n", "green" if good else "red"))


def _silent(who: str, what: str, result: str) -> None:
    """For --json."""


def _summary(acts: list["Act"], folder: Path, *, keep: bool) -> None:
    """How each permit ended."""
    from gateway.cli.render import styled

    typer.echo(f"{'PERMIT':<16}  {'STORY':<34}  ENDED")
    for act in acts:
        mark = styled("ok  ", "green") if act.as_expected else styled("BAD ", "red")
        typer.echo(f"{act.number:<16}  {act.title:<34}  {mark}{act.ended}")
        if not act.as_expected:
            typer.echo(f"{'':<52}  expected: {act.expected}")
    good = sum(act.as_expected for act in acts)
    typer.echo(f"\n{good} of {len(acts)} permits ended as they should")
    typer.echo(f"files kept in {folder}" if keep else "files removed (keep them with --keep)")


async def _stay(nodes: dict[str, "DemoNode"]) -> None:
    """Print how to use the network, and leave it running until Ctrl-C."""
    import asyncio
    import signal

    typer.echo("The network is running. Try, in another terminal:\n")
    for line in _examples(nodes):
        typer.echo(f"  {line}\n")
    typer.echo("Ctrl-C ends it.")
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await stop.wait()


def _sample(node: "DemoNode") -> Path:
    """A permit that was not submitted yet, as a file."""
    from gateway import clock
    from gateway.cli.demonstration import permits

    file = node.folder / "permit-to-submit.xml"
    file.write_bytes(permits.make_permit("CH-2026-000130", permits.LEATHER, clock.now()))
    return file


def _examples(nodes: dict[str, "DemoNode"]) -> list[str]:
    """Ready-made curl lines and commands."""
    swiss, french = nodes["CH"], nodes["FR"]

    def bearer(node: Any, authority: str) -> str:
        return f"-H 'Authorization: Bearer {node.tokens[authority]}'"

    return [
        (
            f"curl -s {bearer(french, 'FR:CUSTOMS')} -H 'Content-Type: application/json' "
            f'-d \'{{"issuer": "CH", "number": "26/CH/0417-A"}}\' {french.url}/api/v1/permits/validity'
        ),
        f"curl -s {bearer(french, 'FR:CUSTOMS')} {french.url}/api/v1/inbox",
        (
            f"curl -s {bearer(swiss, 'CH:MA')} -H 'Content-Type: application/xml' "
            f"--data-binary @{_sample(swiss)} {swiss.url}/api/v1/permits"
        ),
        f"{sys.argv[0]} log search --config {swiss.config} --number 26/CH/0417-A",
        f"{sys.argv[0]} log search --config {french.config} --outcome refused",
        (
            f"{sys.argv[0]} user add ada --post operator --reason 'to look around' --config {french.config}\n"
            f"  and then open {french.url}/console in a browser"
        ),
    ]
