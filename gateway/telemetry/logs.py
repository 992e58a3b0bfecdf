"""The gateway's own log: one JSON object per line on standard error, written by a thread of its own."""

import atexit
import contextlib
import json
import logging
import queue
import sys
import threading
from collections.abc import Mapping, MutableMapping
from typing import IO, Any

import structlog

_SECRET = ("token", "authorization", "passphrase", "password", "secret", "private")
"""A field whose name contains one of these is never written out (promise 10)."""

MAX_WAITING = 10_000
"""Lines that may wait for a slow reader of standard error; more are dropped, and the loss is said."""

_FLUSH_SECONDS = 2.0
_STAMP = structlog.processors.TimeStamper(fmt="iso", utc=True)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the values of secret fields, however deep they stand."""
    for name, value in event.items():
        event[name] = _redacted(name, value)
    return event


def _redacted(name: str, value: Any) -> Any:
    """A value without its secrets."""
    if any(word in name.lower() for word in _SECRET):
        return "(redacted)"
    if isinstance(value, Mapping):
        return {key: _redacted(str(key), inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_redacted("", inner) for inner in value]
    return value


class PatientWriter:
    """
    A file to log to that never makes the caller wait (promise 9).

    A full pipe or a slow disk holds up a thread, not the event loop. When too many lines wait, new ones are
    dropped and counted.
    """

    def __init__(self, file: IO[str]) -> None:
        """Start the thread; it ends with the process."""
        self._file = file
        self._lines: queue.Queue[str] = queue.Queue(MAX_WAITING)
        self._lost = 0
        self._idle = threading.Event()
        self._idle.set()
        threading.Thread(target=self._work, name="log", daemon=True).start()
        atexit.register(self._idle.wait, _FLUSH_SECONDS)

    def write(self, line: str) -> None:
        """Hand a line over."""
        self._idle.clear()
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._lost += 1

    def flush(self) -> None:
        """Nothing to do here: the thread flushes."""

    def _work(self) -> None:
        """Write line by line; an error of the file is nobody's business but the operator's."""
        while True:
            line = self._lines.get()
            lost, self._lost = self._lost, 0
            try:
                self._file.write(line + (_loss(lost) if lost else ""))
                self._file.flush()
            except (OSError, ValueError):
                self._lost += lost + 1
            if self._lines.empty():
                self._idle.set()


def _loss(count: int) -> str:
    """The line that says how many are missing."""
    said: MutableMapping[str, Any] = {"event": "log_lines_lost", "count": count, "level": "warning"}
    return json.dumps(_STAMP(None, "", said)) + "\n"


def set_up(level: str = "INFO", file: IO[str] | None = None) -> None:
    """
    Send structlog's and the standard library's records to `file` (standard error) as JSON lines.

    aiohttp's access log stays off: a request line may hold what must not be kept.
    """
    writer: Any = PatientWriter(file or sys.stderr)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _STAMP,
            redact,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=writer),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_AsJSON()], force=True)


class _AsJSON(logging.Handler):
    """Records of other libraries, through the same door."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass on what was said, at its own level; a record that cannot be read stops nobody."""
        with contextlib.suppress(Exception):
            structlog.get_logger().log(
                record.levelno,
                "library",
                logger=record.name,
                text=record.getMessage(),
                exc_info=record.exc_info or None,
            )
