"""Proof: evidence that a stranger checks offline, and a log that cannot be rewritten unnoticed."""

import asyncio
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from gateway.cli.demonstration.network import DemoNode

HOLDS, BROKEN = 0, 1
"""Exit codes of commands that judge."""


async def check_evidence(node: DemoNode, message_id: str, trust: Sequence[Path]) -> str:
    """
    Export the evidence for a message, verify it offline, change a byte, and verify it again.

    `trust` are folders with certificates. Returns both verdicts: `PASSED; altered: FAILED`.
    """
    file, trusted = node.folder / "evidence.zip", node.folder / "trusted"
    await asyncio.to_thread(_gather, trust, trusted)
    config = ("--config", str(node.config))
    await _command("evidence", "export", message_id, str(file), "--reason", "the demonstration", *config)
    verdicts = [await _verdict(file, trusted)]
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    verdicts.append(await _verdict(file, trusted))
    return f"{verdicts[0]}; altered: {verdicts[1]}"


async def check_log(node: DemoNode) -> str:
    """
    Verify the message log of a running gateway, and a copy in which somebody has rewritten an entry.

    Returns both results: `holds; rewritten: found`.
    """
    code, _ = await _command("log", "verify", "--config", str(node.config))
    copy = node.folder / "rewritten.db"
    await asyncio.to_thread(_rewrite, node.folder / "ecites.db", copy)
    false, _ = await _command(
        "log", "verify", "--config", str(node.config), ECITES_DATABASE=f"sqlite:///{copy}"
    )
    whole = "holds" if code == HOLDS else "DOES NOT HOLD"
    return f"{whole}; rewritten: {'found' if false == BROKEN else 'NOT FOUND'}"


def _gather(folders: Sequence[Path], into: Path) -> None:
    """Copy the certificates of several folders, some of which have the same names, into one."""
    into.mkdir()
    for number, folder in enumerate(folders):
        for certificate in folder.glob("*.crt.pem"):
            shutil.copy(certificate, into / f"{number}-{certificate.name}")


def _rewrite(database: Path, copy: Path) -> None:
    """A copy of a database in which a refusal was never one: what a faithless administrator would do."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("UPDATE log_entries SET outcome = 'accepted' WHERE kind = 'refused'")
        target.commit()


async def _verdict(file: Path, trusted: Path) -> str:
    """What the verification of an evidence file concludes."""
    code, answer = await _command("evidence", "verify", str(file), "--trust", str(trusted))
    return str(answer.get("verdict", f"exit code {code}"))


async def _command(*words: str, **environment: str) -> tuple[int, Mapping[str, Any]]:
    """Run `ecites ... --json` as a user would; returns its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        *words,
        "--json",
        env={**os.environ, **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    out, _ = await process.communicate()
    answer = json.loads(out) if out.strip() else {}
    return process.returncode or 0, answer
