"""`ecites log verify`, `checkpoint` and `prove`: the message log as something that can be proven."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config, InLanguage, Json, Language

if TYPE_CHECKING:
    from gateway.flows.ports import Node
    from gateway.flows.verify_log import LogReport

T = TypeVar("T")

DOES_NOT_HOLD = 1
"""Exit code when the log is not what it was."""


def verify(
    against: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Checkpoints that were kept elsewhere; several times.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option(
            help="Certificate (PEM) or folder that signs checkpoints, instead of the keys of this gateway.",
            exists=True,
        ),
    ] = None,
    config: Config = DEFAULT_CONFIG,
    language: InLanguage = Language.EN,
    json: Json = False,
) -> None:
    """
    Make the tree again from every entry, and say at which entry something was changed.

    Compares entries, leaves, tree and checkpoints of the database with each other, and with the
    checkpoints that lie beside it or were kept elsewhere. Ends with 1 when something does not hold.
    Entries that wait for their place are counted and are no fault.
    """
    from rich.console import Console

    from gateway.cli.log_tree_text import print_log_report, report_as_dict
    from gateway.cli.progress import progress
    from gateway.cli.render import print_json
    from gateway.errors import KeyMaterialError
    from gateway.flows.verify_log import verify_log
    from gateway.signatures.keys import load_certificates

    try:
        trusted = load_certificates(trust) if trust is not None else None
    except KeyMaterialError as error:
        raise typer.BadParameter(error.message, param_hint="--trust") from None
    files = [file.read_bytes() for file in against or ()]

    async def work(node: "Node") -> "LogReport":
        with progress(Console(stderr=True), "entries") as bar:
            task = bar.add_task("", total=None)
            return await verify_log(
                node,
                files,
                certificates=trusted,
                progress=lambda done, of: bar.update(task, completed=done, total=of),
            )

    report = _with_node(config, work, keys=trusted is None)
    if json:
        print_json(report_as_dict(report, language))
    else:
        print_log_report(report, language)
    raise typer.Exit(0 if report.holds else DOES_NOT_HOLD)


def checkpoint(config: Config = DEFAULT_CONFIG) -> None:
    """
    Sign size and root of the log as it is now, and print that.

    Who keeps what is printed can show later that nothing of the log was changed since: ecites log verify
    --against FILE. A log that has not grown since its last checkpoint has that one.
    """
    from gateway.flows.make_checkpoint import make_checkpoint

    typer.echo(_with_node(config, make_checkpoint).data.decode(), nl=False)


def prove(
    entry_id: Annotated[str, typer.Argument(metavar="ENTRY-ID", help="Id of an entry.")] = "",
    message: Annotated[str, typer.Option(metavar="ID", help="All that is logged about a message.")] = "",
    size: Annotated[
        int | None,
        typer.Option("--from", metavar="SIZE", min=0, help="That the log has only grown since then."),
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """
    Print, as JSON, what proves that entries are in the log: leaves, words, paths, and a signed checkpoint.

    With --from also what proves that the log begins with what it was when it had so many entries.
    """
    from gateway.cli.render import print_json
    from gateway.flows.proof_shapes import proofs_as_dict
    from gateway.flows.prove import entries_of_message, entry_with, prove_entries, prove_growth

    if bool(entry_id) == bool(message) and (entry_id or size is None):
        raise typer.BadParameter("name an entry, or a message with --message", param_hint="ENTRY-ID")

    async def work(node: "Node") -> dict[str, object]:
        proven = None
        if entry_id or message:
            found = (
                [await entry_with(entry_id, node)] if entry_id else await entries_of_message(message, node)
            )
            proven = await prove_entries(found, node)
        return proofs_as_dict(proven, None if size is None else await prove_growth(size, node))

    print_json(_with_node(config, work))


def _with_node(config: Path, work: "Callable[[Node], Awaitable[T]]", *, keys: bool = True) -> T:
    """Run something on the log of a gateway, beside the one that may be serving."""
    import asyncio
    from dataclasses import replace

    from gateway import clock
    from gateway.config import load
    from gateway.loading.database import open_database
    from gateway.loading.keys import load_keyring
    from gateway.loading.node import bare_node
    from gateway.storage.checkpoint_file import CheckpointFile

    settings = load(config)

    async def run() -> T:
        database = await open_database(settings)
        try:
            node = replace(bare_node(database), checkpoints=CheckpointFile(settings.checkpoint_file))
            if keys:
                node.keys = load_keyring(settings, clock.now())
            return await work(node)
        finally:
            await database.close()

    return asyncio.run(run())
