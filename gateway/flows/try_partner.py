"""Somebody tries a partner out, and the message log keeps what came of it."""

import asyncio

from gateway.exchange.directory import Partner
from gateway.flows.journal import entry
from gateway.flows.ports import Courier, Node, Trail
from gateway.flows.probe import probe
from gateway.flows.probing import Trial
from gateway.messagelog.entry import EntryKind


async def try_partner(
    partner: Partner,
    node: Node,
    courier: Courier,
    who: str,
    *,
    thorough: bool = False,
    seconds: float | None = None,
) -> tuple[Trial, ...]:
    """
    Try a partner out and log who did it.

    1. Its trials, for `seconds` at the most when that is given; what took longer is told as one failed trial.
    2. One entry about all trials.

    Raises `Forbidden` when nobody here could seal a test permit, and `StorageError`.
    """
    # 1
    try:
        async with asyncio.timeout(seconds):
            trials = await probe(partner, node, courier, thorough=thorough)
    except TimeoutError:
        trials = (_too_slow(seconds),)
    # 2
    bad = [trial for trial in trials if trial.passed is not True]
    said = "; ".join(f"{trial.id}: {trial.result}" for trial in bad) or f"{len(trials)} trials passed"
    made = entry(
        node.clock,
        EntryKind.TESTED,
        Trail(actor=who, partner=partner.id),
        outcome="failed" if bad else "passed",
        detail=said,
    )
    async with node.storage.write() as transaction:
        await transaction.log.append(made)
    return trials


def _too_slow(seconds: float | None) -> Trial:
    """What is told when the partner did not answer everything in time."""
    return Trial(
        "time",
        "patience of whoever waits for the page",
        "SHOULD",
        "the test messages are answered in time",
        f"not within {seconds or 0:g} seconds; try it on the command line: ecites partner test",
        passed=False,
    )
