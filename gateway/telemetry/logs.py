"""The gateway's own log: one JSON object per line on standard error."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET = ("token", "authorization", "passphrase", "password", "secret", "private")
"""A field whose name contains one of these is never written out (promise 10)."""


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the values of secret fields."""
    for name in event:
        if any(word in name.lower() for word in _SECRET):
            event[name] = "(redacted)"
    return event


def set_up(level: str = "INFO") -> None:
    """
    Send structlog's and the standard library's records to standard error as JSON lines.

    aiohttp's access log stays off: a request line may hold what must not be kept.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format='{"logger": "%(name)s"} %(message)s')
