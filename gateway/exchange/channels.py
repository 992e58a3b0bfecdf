"""What is agreed with a partner beyond who lives there: kinds of messages, and rules for others."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.exchange.records import Direction
from gateway.permits.identity import AuthorityId


class ChannelRule(StrEnum):
    """What a partner does beyond its own messages."""

    FORWARD_COPY = "forward-copy"
    """What comes from the partner also goes to the authority, and may be addressed to it."""
    ACT_FOR = "act-for"
    """The partner may speak for the authority, and takes what is for it if nobody else does."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel rule and the authority that it is about."""

    rule: ChannelRule
    authority: AuthorityId


@dataclass(frozen=True, slots=True)
class Allowed:
    """A kind of message that may travel in one direction."""

    direction: Direction
    """Seen from us: IN is what the partner may send."""
    kind: str
    """A word of `message.Kind`, or one that a later version of this program knows."""
