"""The circuit breaker of a partner: one that does not answer is not asked again by every message."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.errors import GatewayError, PartnerAnsweredWrongly
from gateway.exchange.retry import RetryPolicy

_SERVER_ERROR, _TOO_EARLY, _TOO_MANY, _TIMEOUT = 500, 425, 429, 408


class BreakerState(StrEnum):
    """Whether messages go to a partner."""

    CLOSED = "closed"
    """They go."""
    OPEN = "open"
    """None goes until a moment."""
    HALF_OPEN = "half-open"
    """That moment has come: one goes, to see."""


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When a partner counts as away, and how often it is tried then."""

    failures: int = 5
    """So many attempts without an answer, one after the other, open the breaker."""
    first_pause_seconds: float = 10.0
    """Until the first message that tries again."""
    longest_pause_seconds: float = 300.0
    """A partner that comes back is noticed within this time."""

    def __post_init__(self) -> None:
        """Refuse a breaker that never closes, or is always open."""
        for key in ("failures", "first_pause_seconds", "longest_pause_seconds"):
            if not getattr(self, key) > 0:
                raise ValueError(f"{key} must be more than 0, not {getattr(self, key):g}")

    def pause(self, opened: int) -> timedelta:
        """How long nothing goes after it was opened for the n-th time in a row (1 or more)."""
        first, longest = self.first_pause_seconds, self.longest_pause_seconds
        return RetryPolicy(min(first, longest), 2.0, longest).pause(opened, 0.0)


STANDARD = BreakerPolicy()
"""When nothing is configured."""


@dataclass(frozen=True, slots=True)
class PartnerHealth:
    """What is known of a partner's answers; shared by all processes."""

    partner: str
    failures: int = 0
    """Attempts without an answer since the last one that had one."""
    probe_at: datetime | None = None
    """None while the breaker is closed; else the moment at which one message goes, to see."""
    answered_at: datetime | None = None
    """When it last answered, to the minute."""
    failed_at: datetime | None = None
    error_code: str = ""
    error: str = ""
    """Of the last failure."""

    def state(self, at: datetime) -> BreakerState:
        """Whether messages go at a moment."""
        if self.probe_at is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if at < self.probe_at else BreakerState.HALF_OPEN


def is_silence(error: GatewayError) -> bool:
    """
    True when an error says that the partner is not there for anybody now, rather than that it refuses this.

    No connection, no answer in time, rubbish instead of a receipt, an error of the server; and the answers
    that ask to come again later (RFC 9110, 15.5.9; RFC 8470; RFC 6585).
    """
    if not isinstance(error, PartnerAnsweredWrongly):
        return True
    status = int(error.fields.get("status", _SERVER_ERROR))
    return status >= _SERVER_ERROR or status in (_TIMEOUT, _TOO_EARLY, _TOO_MANY)


def after_answer(health: PartnerHealth, at: datetime) -> PartnerHealth:
    """The partner is there; the minute is enough, so that health is written seldom."""
    return replace(health, failures=0, probe_at=None, answered_at=at.replace(second=0, microsecond=0))


def after_silence(
    health: PartnerHealth, error: GatewayError, at: datetime, policy: BreakerPolicy
) -> PartnerHealth:
    """
    No answer: after enough of them in a row the breaker opens, longer each time that a probe fails.

    A partner that said when to come again (`retry_after` in the error's fields, in seconds) is left in peace
    until then.
    """
    failures = health.failures + 1
    opened = failures - policy.failures + 1
    wait = float(error.fields.get("retry_after", 0.0))
    pause = max(policy.pause(opened) if opened > 0 else timedelta(0), timedelta(seconds=wait))
    return replace(
        health,
        failures=failures,
        probe_at=at + pause if pause else health.probe_at,
        failed_at=at.replace(second=0, microsecond=0),
        error_code=error.code,
        error=error.message,
    )
