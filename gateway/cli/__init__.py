"""
The command line: `ecites NOUN VERB`.

One file per command group. Each imports what it needs inside the command, so that `--help` stays fast;
errors become exit codes in `runtime.py`.
"""

from gateway.cli.runtime import main

__all__ = ["main"]
