"""
Holding a process to a share of a core, so that whoever works beside it has room on a machine with few.

A process of its own reads how long the other one was on the processor, stops it (SIGSTOP) when that is more
than its share, and lets it go on (SIGCONT) when time has caught up.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

TICK = 0.002
"""Seconds between two looks: so far a process may run ahead of its share."""

SAVED = 0.05
"""Seconds whose share a process may use later when it could not run; no more is saved up while it idles."""


@contextlib.contextmanager
def held(pid: int, share: float | None) -> Iterator[None]:
    """Until the block is left a process gets `share` of a core, and no more; None leaves it alone."""
    if share is None:
        yield
        return
    holder = subprocess.Popen(  # noqa: S603 - this file
        [sys.executable, "-m", "tests.benchmarks.held", str(pid), str(share)]
    )
    try:
        yield
    finally:
        holder.terminate()
        holder.wait()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def used(pid: int) -> float:
    """Seconds that a process was on the processor, to the nanosecond: its clock by clock_getcpuclockid(3)."""
    return time.clock_gettime((~pid << 3) | 2)


def hold(pid: int, share: float) -> None:
    """Until it ends, or this process is told to."""
    seen, spent, credit = time.monotonic(), used(pid), 0.0
    with contextlib.suppress(OSError):
        while True:
            time.sleep(TICK)
            now, total = time.monotonic(), used(pid)
            credit = min(credit + share * (now - seen) - (total - spent), share * SAVED)
            seen, spent = now, total
            if credit < 0:
                os.kill(pid, signal.SIGSTOP)
                time.sleep(-credit / share)
                os.kill(pid, signal.SIGCONT)


if __name__ == "__main__":
    hold(int(sys.argv[1]), float(sys.argv[2]))
