"""The command line as another process, as an operator runs it beside a gateway."""

import asyncio
import json
import subprocess
import sys
from typing import Any


def run_json(*arguments: object) -> tuple[int, dict[str, Any]]:
    """Exit code of `ecites ... --json`, and its answer; of one that prints none, what it said instead."""
    command = [sys.executable, "-m", "gateway", *map(str, arguments), "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    return ended.returncode, json.loads(ended.stdout) if ended.stdout else {"error": ended.stderr}


async def ecites(*arguments: object) -> dict[str, Any]:
    """The answer of a command that must end well; other tasks go on while it runs."""
    code, answer = await asyncio.to_thread(run_json, *arguments)
    assert code == 0, answer
    return answer
