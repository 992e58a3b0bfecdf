"""What Linux says of a process: time on the processor, and memory; the load of others changes both little."""

import os
from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """Seconds on the processor so far, in user and kernel mode; proc(5), fields 14 and 15 of stat."""
    fields = (
        Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    )
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_nanoseconds(pid: int) -> int:
    """Of the only thread of a process, exact enough for a single statement; field 1 of schedstat."""
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0])


def family_cpu_seconds(pid: int) -> float:
    """The same for a process and the children that it has now."""
    total = cpu_seconds(pid)
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            total += family_cpu_seconds(int(child))
    return total


def resident_mb(pid: int | None = None) -> float:
    """Memory that a process, this one by default, holds; proc(5), field 2 of statm."""
    pages = int(Path(f"/proc/{pid or os.getpid()}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
