"""A partner's answer is a receipt that can be believed, or it is none."""

from datetime import datetime

from gateway.errors import GatewayError, ReceiptRefused
from gateway.exchange import receipts
from gateway.exchange.receipts import Receipt
from gateway.exchange.records import MessageRecord
from gateway.flows.ports import Node
from gateway.flows.verification import verify_here
from gateway.xmlio.parse import parse

MAX_RECEIPT_BYTES = 1024 * 1024
"""A receipt with a hundred findings has less than a tenth of it."""


def refusal_of(receipt: Receipt) -> tuple[str, str]:
    """Code and sentences for a delivery whose receiver says no; both empty or remarks when it says yes."""
    code = "" if receipt.outcome.accepted else receipt.outcome.value
    return code, "; ".join(finding.message for finding in receipt.findings)


def proven_receipt(answer: bytes, message: MessageRecord, node: Node, at: datetime) -> Receipt:
    """
    The receipt inside an answer to `message`, signed by the partner to which that went.

    Raises `ReceiptRefused` for a receipt of another message or another signer, and for what is none.
    """
    try:
        document = parse(answer, max_bytes=MAX_RECEIPT_BYTES)
        trusted = node.trust.of(message.partner)
        proven = verify_here(document, trusted, node, at=at, message_id=message.message_id)
        receipt = receipts.read(proven.root)
    except ReceiptRefused:
        raise
    except GatewayError as error:
        raise ReceiptRefused(
            f"the partner's answer is not a receipt that can be believed: {error.message}",
            advice="ask the partner's operator; the message is sent again",
            reason=error.code,
        ) from error
    receipts.check_belongs(
        receipt,
        message_id=message.message_id,
        envelope_digest=message.envelope_digest,
        sender=message.sender,
        recipient=message.recipient,
    )
    return receipt
