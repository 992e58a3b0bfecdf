"""One of several things that are looked up for a page: read, or said to be unreadable, never an error."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from gateway.errors import GatewayError

T = TypeVar("T")

logger = structlog.get_logger(__name__)

SECONDS = 5.0
"""For one of them: whoever looks at a page waits no longer for a part of it."""


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What was read, or why it was not."""

    value: T | None
    failure: str = ""


async def read(what: str, work: Awaitable[T], seconds: float = SECONDS) -> Read[T]:
    """What `work` brings; whatever goes wrong is told in the running log, and raises nothing."""
    try:
        async with asyncio.timeout(seconds):
            return Read(await work)
    except GatewayError as error:
        logger.warning("part_not_read", part=what, code=error.code)
        return Read(None, error.code)
    except TimeoutError:
        logger.warning("part_not_read", part=what, code="too_slow")
        return Read(None, "too_slow")
    except Exception:
        logger.exception("part_not_read", part=what)
        return Read(None, "internal_error")
