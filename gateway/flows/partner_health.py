"""What an attempt says of whoever was called, for everything that waits for the same one."""

from gateway.errors import GatewayError
from gateway.exchange.breaker import after_answer, after_silence, is_silence
from gateway.flows.ports import Node, Transaction


async def note_health(
    partner: str, failure: GatewayError | None, transaction: Transaction, node: Node
) -> None:
    """
    Write how a partner, or a webhook, answered; `failure` is None for one that did what was asked.

    When one answers that was away, what waits for it goes at once.
    """
    at, before = node.clock.now(), await transaction.health.get(partner)
    if failure is not None and is_silence(failure):
        after = after_silence(before, failure, at, node.breaker)
    else:
        after = after_answer(before, at)
        if before.failures:
            await transaction.deliveries.release(partner, await transaction.deliveries.moment(at))
    if after != before:
        await transaction.health.put(after)
