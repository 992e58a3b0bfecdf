"""Checking a folder of any size on all cores in constant memory."""

from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from gateway.cli.checking.findings_file import FindingsFile
from gateway.cli.checking.question import Question
from gateway.cli.checking.tally import Tally
from gateway.cli.checking.workers import Workers, available_cores, batch_for, walk
from gateway.cli.progress import progress
from gateway.cli.render import print_json, print_summary


def check_folder(
    folder: Path,
    asked: Question,
    *,
    pattern: str,
    jobs: int | None,
    out: Path | None,
    json: bool,
    language: str,
) -> bool:
    """
    Check every file of a folder and of those below it; True when all are accepted.

    1. Count the files, for the progress bar.
    2. Examine them on several processes, a bounded window of them under way.
    3. Write each finding to `out`, count it, forget it.
    4. Print the summary by rule.

    No file stops the others: one that cannot be read, or that ends a process, is a finding.
    """
    # 1
    total = sum(1 for _ in walk(folder, pattern))
    tally = Tally()
    console = Console(stderr=True)
    with ExitStack() as stack:
        sink = stack.enter_context(FindingsFile.open(out, language)) if out else None
        # 2
        processes = jobs or available_cores()
        pool = stack.enter_context(Workers(asked, processes))
        bar = stack.enter_context(progress(console, "files"))
        task = bar.add_task("", total=total)
        for examination in pool.examine(walk(folder, pattern), batch=batch_for(total, processes)):
            # 3
            tally.add(examination)
            if sink is not None:
                sink.write(examination)
            bar.advance(task)
    # 4
    if json:
        print_json({"folder": str(folder), **tally.as_dict()})
    else:
        print_summary(str(folder), tally, out)
    return tally.accepted == tally.files
