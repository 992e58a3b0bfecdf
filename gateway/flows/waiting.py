"""Somebody asks for what is there, and is willing to wait until there is something."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway.flows.bells import MailboxBells

T = TypeVar("T")


async def until_any(
    look: Callable[[], Awaitable[list[T]]], whose: str, seconds: float, bells: MailboxBells, poll: float
) -> list[T]:
    """
    What `look` finds as soon as it finds anything; nothing at the end of the time, or when the gateway stops.

    The bell of `whose` is heard from before the look on, so that nothing falls between the two; whatever
    bell was missed, it looks again after `poll` seconds. Raises `TooManyCallers`.
    """
    time = asyncio.get_running_loop().time
    ends = time() + seconds
    with bells.place(whose) as rung:
        while True:
            rung.clear()
            found = await look()
            left = ends - time()
            if found or left <= 0 or bells.closed:
                return found
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, poll)):
                    await rung.wait()
