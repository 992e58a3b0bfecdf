"""The mailbox of a partner that only calls out: what is in it, and what it tells of each message, as JSON."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.errors import NotCollected, PartnerAnsweredWrongly
from gateway.exchange.delivery import DeliveryState, Step
from gateway.exchange.records import DeliveryRecord
from gateway.exchange.retry import RetryPolicy

MAX_WAIT_SECONDS = 30
"""A question to an empty mailbox is answered after so long at the latest: proxies cut silent connections."""

ADDRESS = "mailbox"
"""Stands in an attempt where an address would be: nothing was sent, the partner came or did not come."""

_MESSAGE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""A UUID: it becomes part of an address, where anything else could lead elsewhere."""

_CURSOR = re.compile(r"[0-9A-Za-z_-]{1,64}")


def in_the_box(delivery: DeliveryRecord) -> bool:
    """
    True as long as nobody has acknowledged it, for a delivery of a partner that has a mailbox.

    Also when it was given up because nobody collected it in time: it is there if the partner comes after all.
    """
    if delivery.state is DeliveryState.DEAD:
        return delivery.error_code == NotCollected.code
    return not delivery.state.settled


def step_without_collection(delivery: DeliveryRecord, at: datetime, policy: RetryPolicy) -> Step:
    """
    What follows at `at` for a delivery in a mailbox that nobody has collected.

    One that was to be sent until now, because the partner had no mailbox or because an operator wants another
    try, waits until the deadline, counted from now if that is over. One that has waited so long is given up.
    """
    ends = delivery.deadline_from + policy.deadline
    if at < ends:
        return Step(DeliveryState.WAITING, ends)
    if delivery.state is DeliveryState.QUEUED:
        return Step(DeliveryState.WAITING, at + policy.deadline)
    return Step(DeliveryState.DEAD)


@dataclass(frozen=True, slots=True)
class MailboxHeader:
    """One message in a mailbox, before it is fetched."""

    cursor: str
    """Where it stands in the mailbox; later messages have later ones."""
    message_id: str
    sender: str
    recipient: str
    kind: str
    sent_at: datetime
    size: int
    """Bytes of the envelope."""
    digest: str
    """SHA-256 in hex of the envelope's bytes."""


@dataclass(frozen=True, slots=True)
class MailboxPage:
    """Headers, oldest first."""

    headers: tuple[MailboxHeader, ...]
    next: str
    """Asks for what comes after them; what was asked for when there is none."""

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape."""
        return {
            "messages": [
                {
                    "message_id": each.message_id,
                    "sender": each.sender,
                    "recipient": each.recipient,
                    "kind": each.kind,
                    "sent_at": each.sent_at.isoformat(),
                    "size": each.size,
                    "digest": each.digest,
                }
                for each in self.headers
            ],
            "next": self.next,
        }


def read_page(value: Any) -> MailboxPage:
    """
    A page of headers as another gateway tells it; of members that we do not know nothing is taken.

    Raises `PartnerAnsweredWrongly`.
    """
    try:
        following = str(value["next"])
        if following and not _CURSOR.fullmatch(following):
            raise ValueError("next")  # noqa: TRY301 - the words are the same for everything that does not fit
        headers = tuple(_read_header(each) for each in value["messages"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PartnerAnsweredWrongly(
            f"the partner's answer is no page of a mailbox: {type(error).__name__} at {str(error)[:100]!r}",
            advice="check that mailbox_url is the address of the mailbox itself; docs/api.md has the shape",
        ) from None
    return MailboxPage(headers, following)


def _read_header(value: Any) -> MailboxHeader:
    """One header; raises what `read_page` turns into words."""
    if not _MESSAGE_ID.fullmatch(value["message_id"]):
        raise ValueError("message_id")
    return MailboxHeader(
        cursor="",
        message_id=value["message_id"],
        sender=str(value["sender"]),
        recipient=str(value["recipient"]),
        kind=str(value["kind"]),
        sent_at=datetime.fromisoformat(value["sent_at"]),
        size=int(value["size"]),
        digest=str(value["digest"]),
    )
