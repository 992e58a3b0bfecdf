"""
Whether a message is of now: neither from the future nor so old that nobody would still send it.

A recorded message is genuine for ever; only its time tells that somebody plays it again (attack 17). What was
received before is answered as before, however old it is, so this is asked about new messages only.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.errors import MessageNotFresh


@dataclass(frozen=True, slots=True)
class FreshnessPolicy:
    """How far the time in a header may be from ours."""

    ahead_seconds: float = 60.0
    """A sender's clock may be so much ahead; there is no such allowance for the other side."""
    oldest_hours: float = 240.0
    """Twice the five days for which a gateway tries to deliver: nothing older is still on its way."""

    def __post_init__(self) -> None:
        """Refuse a window in which nothing fits."""
        if not self.ahead_seconds >= 0:
            raise ValueError(f"ahead_seconds must be 0 or more, not {self.ahead_seconds:g}")
        if not self.oldest_hours > 0:
            raise ValueError(f"oldest_hours must be more than 0, not {self.oldest_hours:g}")

    def require(self, sent_at: datetime, now: datetime) -> None:
        """
        Let a new message pass that was sent at `sent_at`, both aware.

        Raises `MessageNotFresh`, which says whose clock to look at.
        """
        if sent_at > now + timedelta(seconds=self.ahead_seconds):
            raise MessageNotFresh(
                f"the message says that it was sent at {sent_at:%Y-%m-%d %H:%M:%S} UTC, and here it is "
                f"{now:%Y-%m-%d %H:%M:%S} UTC",
                advice="compare both clocks with a time server; the sender tries again by itself",
                ahead_seconds=round((sent_at - now).total_seconds()),
            )
        if sent_at < now - timedelta(hours=self.oldest_hours):
            raise MessageNotFresh(
                f"the message was sent at {sent_at:%Y-%m-%d %H:%M:%S} UTC, more than {self.oldest_hours:g} "
                "hours ago, and was not received before",
                advice="send the permit in a new message; did you not send this one, somebody recorded it",
                behind_seconds=round((now - sent_at).total_seconds()),
            )


FRESH = FreshnessPolicy()
"""What applies when nothing is configured."""
