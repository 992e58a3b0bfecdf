"""When to try again."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off with jitter and an end; the schedule is data."""

    first_pause_seconds: float = 5.0
    """Pause after the first failed attempt."""
    factor: float = 2.0
    """Each pause is so many times the one before."""
    longest_pause_seconds: float = 3600.0
    """No pause is longer: a partner that comes back is noticed within the hour."""
    deadline_hours: float = 120.0
    """Counted from the submission; five days bridge a long weekend at the other end."""

    def __post_init__(self) -> None:
        """Refuse a schedule that never tries again, or that runs backwards."""
        for key in ("first_pause_seconds", "longest_pause_seconds", "deadline_hours"):
            if not getattr(self, key) > 0:
                raise ValueError(f"{key} must be more than 0, not {getattr(self, key):g}")
        if not self.factor >= 1:
            raise ValueError(f"factor must be 1 or more, not {self.factor:g}")

    @property
    def deadline(self) -> timedelta:
        """How long after its submission a delivery is given up."""
        return timedelta(hours=self.deadline_hours)

    def pause(self, attempts: int, jitter: float) -> timedelta:
        """
        How long to wait after `attempts` failed ones (1 or more).

        `jitter` between 0 and 1 takes off up to a quarter, so that many deliveries do not return at once.
        """
        try:
            full = self.first_pause_seconds * self.factor ** (max(attempts, 1) - 1)
        except OverflowError:
            full = self.longest_pause_seconds
        full = min(full, self.longest_pause_seconds)
        return timedelta(seconds=full * (1 - 0.25 * jitter))
