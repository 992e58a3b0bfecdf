"""Entries of the message log, made from what a flow knows."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.exchange.message import Header
from gateway.exchange.moments import write_moment
from gateway.exchange.records import MessageRecord
from gateway.flows.ports import Clock, Trail
from gateway.messagelog.entry import Entry, EntryKind
from gateway.messagelog.leaf import SALT_BYTES

LONGEST_DETAIL = 10_000
"""Characters of all findings of a document; the receipt or the answer has the rest."""


def told(findings: Iterable[Mapping[str, Any]]) -> str:
    """Findings, as JSON has them, in one line: each sentence with its rule, so that both are found."""
    line = "; ".join(f"{each['message']} [{each['rule']}]" for each in findings)
    return line if len(line) <= LONGEST_DETAIL else f"{line[: LONGEST_DETAIL - 3]}..."


def entry(
    clock: Clock,
    kind: EntryKind,
    trail: Trail,
    *,
    outcome: str = "",
    detail: str = "",
    authority: str = "",
    headers: Mapping[str, str] | None = None,
) -> Entry:
    """One entry about what `trail` tells; `authority` and `headers` override the trail's."""
    return Entry(
        id=clock.new_id(),
        at=clock.now(),
        kind=kind,
        actor=trail.actor,
        partner=trail.partner,
        authority=authority or trail.authority,
        message_id=trail.message_id,
        issuer=trail.permit.issuer if trail.permit else "",
        number=trail.permit.number if trail.permit else "",
        digest=trail.digest,
        correlation_id=trail.correlation_id,
        outcome=outcome,
        detail=detail,
        salt=secrets.token_bytes(SALT_BYTES),
        headers=trail.headers if headers is None else headers,
    )


def headers_of(sent: Header | MessageRecord) -> dict[str, str]:
    """What of the way of a message is worth proving."""
    return {
        "conversation_id": sent.conversation_id,
        "kind": sent.kind.value,
        "recipient": str(sent.recipient),
        "sender": str(sent.sender),
        "sent_at": write_moment(sent.sent_at),
    }
