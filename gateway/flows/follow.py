"""An authority follows what it submitted: did they get it, and can I prove it?"""

from dataclasses import dataclass

from gateway.errors import NotFound
from gateway.exchange.records import Attempt, DeliveryRecord, Direction, Submission
from gateway.flows.ports import Node
from gateway.permits.identity import AuthorityId


@dataclass(frozen=True, slots=True)
class Followed:
    """One delivery with its attempts."""

    delivery: DeliveryRecord
    attempts: tuple[Attempt, ...]


async def follow(
    caller: AuthorityId, submission_id: str, node: Node
) -> tuple[Submission, tuple[Followed, ...]]:
    """
    A submission of the caller and what became of each delivery.

    Raises `NotFound`, also for somebody else's submission.
    """
    async with node.storage.read() as transaction:
        submission = await transaction.submissions.by_id(caller, submission_id)
        if submission is None:
            raise NotFound(
                f"there is no submission {submission_id} of {caller}",
                advice="use the id that POST /api/v1/permits answered",
            )
        deliveries = await transaction.deliveries.of_conversation(submission.id)
        followed = tuple(
            [Followed(d, tuple(await transaction.deliveries.attempts(d.id))) for d in deliveries]
        )
    return submission, followed


async def receipt_of(caller: AuthorityId, delivery_id: str, node: Node) -> bytes:
    """
    The partner's signed receipt for one delivery of the caller, exactly as it came.

    Raises `NotFound` when there is no such delivery or no receipt yet.
    """
    async with node.storage.read() as transaction:
        delivery = await transaction.deliveries.get(delivery_id)
        message = None
        if delivery is not None and delivery.sender == caller:
            message = await transaction.messages.find(Direction.OUT, caller, delivery.message_id)
    if message is None or message.receipt is None:
        raise NotFound(
            f"there is no receipt for delivery {delivery_id}",
            advice="look at the state of the delivery: a receipt is there once the partner has answered",
        )
    return message.receipt
