"""
`ecites serve` that stops at one place for ever, so that a test can kill it exactly there.

    python stopping.py PLACE MARKER CONFIG

PLACE is `before-receipt` (the message is committed, no answer is given), `before-settling` (the partner has
answered, nothing is written) or `before-acknowledging` (a message of a mailbox is received and its receipt is
kept, the mailbox has not heard of it). MARKER is a file that appears when the place is reached. Everything
else is the gateway as it is.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from gateway.cli import main
from gateway.flows import receive
from gateway.transport.mailbox import HttpMailbox
from gateway.transport.rest import RestCourier

place, marker, config = sys.argv[1], Path(sys.argv[2]), sys.argv[3]


async def _for_ever() -> None:
    """Say that we are here, and stay."""
    marker.touch()  # noqa: ASYNC240 - the process is about to stop for ever
    await asyncio.Event().wait()


if place == "before-receipt":

    async def _no_receipt(*_: Any) -> bytes:
        await _for_ever()
        return b""

    receive._make_receipt = _no_receipt
elif place == "before-acknowledging":

    async def _no_acknowledgement(*_: Any) -> None:
        await _for_ever()

    HttpMailbox.acknowledge = _no_acknowledgement  # type: ignore[method-assign]
else:
    carry = RestCourier.carry

    async def _no_return(*arguments: Any) -> bytes:
        answer = await carry(*arguments)
        await _for_ever()
        return answer

    RestCourier.carry = _no_return  # type: ignore[method-assign]

sys.argv = ["ecites", "serve", "--config", config]
main()
