"""Processes that examine files."""

import fnmatch
import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Self

from gateway.cli.checking.one import examine_as, read_bounded
from gateway.cli.checking.question import Question
from gateway.codec import registry
from gateway.errors import InternalError
from gateway.permits.examination import Examination
from gateway.permits.findings import Area, Finding, Report, Severity
from gateway.wording import say

BATCH = 32
"""Files that go to a process together: handing over one costs nearly as much as checking it."""
WINDOW = 3
"""Batches under way for each process: enough to keep it busy, few enough to hold in memory."""


def batch_for(files: int, jobs: int) -> int:
    """How many files go together when there are so many: few files are dealt out to all processes."""
    return max(1, min(BATCH, files // (jobs * WINDOW)))


def available_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def walk(folder: Path, pattern: str) -> Iterator[str]:
    """
    The paths of the regular files below a folder whose name fits, without holding them all.

    A folder that cannot be read, or a link that leads nowhere, is given too: examining it says why. Pipes and
    devices are left out: reading one may never end.
    """
    waiting = [str(folder)]
    while waiting:
        inner = waiting.pop()
        try:
            with os.scandir(inner) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif fnmatch.fnmatch(entry.name.lower(), pattern.lower()) and _is_readable(entry):
                        yield entry.path
        except OSError:
            yield inner


def _is_readable(entry: os.DirEntry[str]) -> bool:
    """A file, or a link that leads nowhere."""
    return entry.is_file() or (entry.is_symlink() and not Path(entry.path).exists())


class Workers:
    """Processes that examine files."""

    def __init__(
        self, asked: Question, jobs: int, *, examine_file: Callable[[str], Examination] | None = None
    ) -> None:
        """`jobs` processes; each file goes to `examine_file`, which must be importable there."""
        self._asked = asked
        self._jobs = jobs
        self._examine_file = examine_file or examine_one_file
        self._pool = self._start(jobs)

    def __enter__(self) -> Self:
        """Nothing to open; here so that leaving ends the processes."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes without waiting for what is under way."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _start(self, jobs: int) -> ProcessPoolExecutor:
        """
        A pool of new processes; forking would copy our threads' locks.

        Raises `InternalError` when they do not even start: that is no fault of any file.
        """
        pool = ProcessPoolExecutor(jobs, get_context("spawn"), _prepare, (self._asked,))
        try:
            pool.submit(_ready).result()
        except BrokenProcessPool:
            pool.shutdown(wait=True, cancel_futures=True)
            raise InternalError(
                "the processes that examine files do not start",
                advice="look at what they printed above; is there enough memory for them?",
            ) from None
        return pool

    def examine(self, paths: Iterator[str], *, batch: int = BATCH) -> Iterator[Examination]:
        """The examination of each file, in the order in which they are done; `batch` files go together."""
        under_way: dict[Future[list[Examination]], list[str]] = {}
        while together := list(islice(paths, batch)):
            try:
                under_way[self._pool.submit(_examine_batch, self._examine_file, together)] = together
            except BrokenProcessPool:
                lost = [path for waiting in under_way.values() for path in waiting]
                under_way.clear()
                yield from self._mend([*lost, *together])
            while len(under_way) >= WINDOW * self._jobs:
                yield from self._done(under_way)
        while under_way:
            yield from self._done(under_way)

    def _done(self, under_way: dict[Future[list[Examination]], list[str]]) -> Iterator[Examination]:
        """Take what is finished out of the window; when a process died, find out over which file."""
        done, _ = wait(under_way, return_when=FIRST_COMPLETED)
        lost: list[str] = []
        for future in done:
            together = under_way.pop(future)
            try:
                yield from future.result()
            except BrokenProcessPool:
                lost.extend(together)
        if lost:
            lost.extend(path for waiting in under_way.values() for path in waiting)
            under_way.clear()
            yield from self._mend(lost)

    def _mend(self, lost: list[str]) -> Iterator[Examination]:
        """Start again; what was under way is examined one by one, to find out what ended the processes."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        alone = self._start(1)
        for path in lost:
            try:
                yield alone.submit(self._examine_file, path).result()
            except BrokenProcessPool:
                alone.shutdown(wait=True, cancel_futures=True)
                alone = self._start(1)
                reason = say(
                    "the process that examined it ended; report this file to the makers of the gateway"
                )
                yield unreadable(path, self._asked, reason)
        alone.shutdown(wait=True, cancel_futures=True)
        self._pool = self._start(self._jobs)


_question: Question
"""In a worker process: what is asked about each file."""


def _prepare(asked: Question) -> None:
    """Called once in each process: the question, and the schemas compiled."""
    global _question  # noqa: PLW0603 - the executor has no other way to give its processes something to keep
    _question = asked
    registry.warm()
    if asked.evidence.species is not None:
        asked.evidence.species.warm()


def _examine_batch(examine_file: Callable[[str], Examination], paths: list[str]) -> list[Examination]:
    """Called in a worker process for some files."""
    return [examine_file(path) for path in paths]


def _ready() -> None:
    """Called in a new process, to see that it lives."""


def examine_one_file(path: str) -> Examination:
    """Called in a worker process for each file."""
    try:
        return examine_as(path, read_bounded(Path(path)), _question)
    except OSError as error:
        return unreadable(path, _question, say("the file cannot be read: {why}", why=error.strerror or "?"))
    except Exception as error:  # noqa: BLE001 - a mistake of ours over one file must not stop the others
        reason = say(
            "a mistake in the gateway itself: {what}; report this file to the makers of the gateway",
            what=f"{type(error).__name__}: {error}",
        )
        return unreadable(path, _question, reason)


def unreadable(path: str, asked: Question, reason: str) -> Examination:
    """A file about which nothing can be said but why."""
    finding = Finding("document.unreadable", Severity.ERROR, Area.DOCUMENT, reason)
    return Examination(path, "", asked.at, asked.profile.value, Report((finding,)))
