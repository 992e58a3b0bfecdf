"""The gateway's own log: one JSON object per line on standard error, written by a thread of its own."""

import atexit
import contextlib
import json
import logging
import queue
import re
import sys
import threading
from collections.abc import Mapping, MutableMapping
from dataclasses import is_dataclass
from typing import IO, Any

import structlog

_SECRET = (
    *("token", "authorization", "passphrase", "password", "secret", "private", "cookie", "totp", "otp"),
    *("recovery", "credential", "permit"),
)
"""A field whose name contains one of these is never written out (promise 10)."""

_TELLTALE = re.compile(
    r"ecites_[A-Za-z0-9_-]{12,}|whsec_[A-Za-z0-9+/=]{8,}|(?<=otpauth:)\S+"
    r"|(?<=Bearer )\S+|(?<=Basic )[A-Za-z0-9+/=]{4,}|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END|$)",
    re.DOTALL,
)
"""What gives itself away wherever it stands: tokens, secrets of webhooks and of second factors, keys."""

_DEEPEST = 8
"""Levels of a field that are written out; what lies deeper is left out."""

MAX_WAITING = 10_000
"""Lines that may wait for a slow reader of standard error; more are dropped, and the loss is said."""

_FLUSH_SECONDS = 2.0
_STAMP = structlog.processors.TimeStamper(fmt="iso", utc=True)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the values of secret fields, however deep they stand; a traceback to come stays what it is."""
    for name, value in event.items():
        if name != "exc_info":
            event[name] = _redacted(name, value)
    return event


def _redacted(name: str, value: Any, depth: int = 0) -> Any:
    """A value without its secrets."""
    if any(word in name.lower() for word in _SECRET):
        return "(redacted)"
    if isinstance(value, (Mapping, list, tuple, set, frozenset)):
        return _inside(value, depth) if depth < _DEEPEST else "(...)"
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _told(value)


def _inside(value: Any, depth: int) -> Any:
    """A collection without the secrets in it."""
    if isinstance(value, Mapping):
        return {
            _without_secrets(str(key)): _redacted(str(key), each, depth + 1) for key, each in value.items()
        }
    return [_redacted("", each, depth + 1) for each in value]


def _told(value: Any) -> str:
    """Text without its secrets; of bytes and records, which may be documents or people, what they are."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"({len(value)} bytes)"
    if is_dataclass(value):
        return f"({(value if isinstance(value, type) else type(value)).__name__})"
    return _without_secrets(value if isinstance(value, str) else repr(value))


def _without_secrets(text: str) -> str:
    """A text in which what gives itself away as a secret is not written out."""
    return _TELLTALE.sub("(redacted)", text)


def scrub(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The traceback, which came after `redact`, without what gives itself away as a secret."""
    if isinstance(event.get("exception"), str):
        event["exception"] = _without_secrets(event["exception"])
    return event


class Patient:
    """
    All steps from what was said to a line, as one that never fails (promise 9).

    When one of them raises, the line says only that something could not be said.
    """

    def __init__(self, *steps: Any) -> None:
        """`steps` are processors of structlog; the last one gives the line."""
        self._steps = steps

    def __call__(self, logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
        """The line."""
        said: Any = event
        try:
            for step in self._steps:
                said = step(logger, method, said)
            return str(said)
        except Exception as error:  # noqa: BLE001 - whatever it is, who said something goes on
            lost: MutableMapping[str, Any] = {"event": "log_line_failed", "level": method}
            with contextlib.suppress(Exception):
                lost = _STAMP(None, "", lost)
            return json.dumps({**lost, "error": type(error).__name__})


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
            except Exception:  # noqa: BLE001 - a full disk, a closed file, none at all: nobody else's trouble
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
            Patient(
                structlog.contextvars.merge_contextvars,
                structlog.processors.add_log_level,
                _STAMP,
                redact,
                structlog.processors.format_exc_info,
                scrub,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            )
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
