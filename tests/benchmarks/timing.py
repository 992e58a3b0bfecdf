"""Medians over rounds: these machines are noisy, so single times mean nothing."""

import statistics
import time
from collections.abc import Awaitable, Callable


def median_us(work: Callable[[], object], *, rounds: int = 15, calls: int = 20) -> float:
    """Median over rounds of the time of one call, in microseconds."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        for _ in range(calls):
            work()
        times.append((time.perf_counter() - begin) / calls)
    return statistics.median(times) * 1e6


async def median_us_each(
    work: Callable[[bytes], Awaitable[object]], items: list[bytes], *, rounds: int = 15
) -> float:
    """The same for a coroutine that takes each item once; the items are dealt out over the rounds."""
    per_round = len(items) // rounds
    times = []
    for number in range(rounds):
        batch = items[number * per_round : (number + 1) * per_round]
        begin = time.perf_counter()
        for item in batch:
            await work(item)
        times.append((time.perf_counter() - begin) / per_round)
    return statistics.median(times) * 1e6
