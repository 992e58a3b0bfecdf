"""Waiting for a condition instead of for a time, and for processes until they answer."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from gateway.cli.demonstration.network import DemoNode

PATIENCE = 60.0
"""Seconds after which a condition will not come true any more; far more than a busy machine takes."""
PAUSE = 0.02


async def until(condition: Callable[[], Any], what: str) -> Any:
    """
    Ask again and again until the answer is yes, and return the answer; fail with words.

    The condition may be a coroutine function.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                result = condition()
                if inspect.isawaitable(result):
                    result = await result
                if result:
                    return result
                await asyncio.sleep(PAUSE)
    except TimeoutError:
        pytest.fail(f"waited {PATIENCE:g} s in vain until {what}")


async def start(session: aiohttp.ClientSession, *nodes: DemoNode) -> None:
    """Start processes, and wait until all answer."""
    for node in nodes:
        node.start()
    for node in nodes:
        await node.ready(session)
