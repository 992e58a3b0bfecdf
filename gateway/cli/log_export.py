"""What `ecites log export` does."""

import os
import sys
from contextlib import aclosing
from pathlib import Path
from typing import BinaryIO

import typer
from rich.console import Console

from gateway.cli.operating import with_node
from gateway.cli.progress import progress
from gateway.config import load
from gateway.flows.export_log import count_matches, export_log
from gateway.flows.ports import Node, Trail
from gateway.messagelog.files import FileFormat
from gateway.messagelog.query import LogQuery


def export(file: Path, query: LogQuery, format_: FileFormat, config: Path, who: str) -> int:
    """
    Write what matches into a new file that nobody else can read; returns how many entries.

    A file that is there already is left alone; one that cannot be finished is removed.
    """
    settings = load(config)
    try:
        target = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be made: {error.strerror}", param_hint="FILE") from None
    try:
        with os.fdopen(target, "wb") as out:
            return with_node(settings, lambda node: _write(out, query, format_, node, Trail(actor=who)))
    except BaseException:
        file.unlink(missing_ok=True)
        raise


async def _write(out: BinaryIO, query: LogQuery, format_: FileFormat, node: Node, trail: Trail) -> int:
    """Piece by piece, with a bar on a terminal; counting for it alone would be a waste."""
    total = await count_matches(query, node) if sys.stderr.isatty() else None
    with progress(Console(stderr=True), "entries") as bar:
        task = bar.add_task("", total=total)
        pieces = export_log(query, format_, node, trail, lambda count: bar.advance(task, count))
        async with aclosing(pieces):
            async for piece in pieces:
                out.write(piece)
        return int(bar.tasks[task].completed)
