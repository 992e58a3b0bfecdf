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


async def alternating_us(
    works: dict[str, Callable[[bytes], Awaitable[object]]], items: list[bytes]
) -> dict[str, float]:
    """
    Medians over items of several works, in microseconds.

    The works take turns at each item, so that all of them meet the same moments of a noisy machine and the
    same cold caches; one that runs alone in a tight loop would be flattered.
    """
    times: dict[str, list[float]] = {name: [] for name in works}
    for item in items:
        for name, work in works.items():
            begin = time.perf_counter()
            await work(item)
            times[name].append(time.perf_counter() - begin)
    return {name: statistics.median(taken) * 1e6 for name, taken in times.items()}
