"""Wrong tokens are counted, for each caller and for each permit, and too many of them end the questions."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.errors import TooManyGuesses
from gateway.permits.identity import AuthorityId, PermitRef

MOST_COUNTED = 10_000
"""Callers and permits that are remembered; the one that was counted first is forgotten first."""

Key = AuthorityId | PermitRef


@dataclass(frozen=True, slots=True)
class GuessLimits:
    """How many wrong tokens are borne."""

    wrong_per_caller: int = 60
    """Of one authority in a window; it may have many officers."""
    wrong_per_permit: int = 10
    """For one permit in a window, whoever asks."""
    window_seconds: float = 3600.0
    """A window begins with the first wrong token."""

    def __post_init__(self) -> None:
        """Refuse limits that nobody could keep."""
        for name in ("wrong_per_caller", "wrong_per_permit", "window_seconds"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0, not {getattr(self, name):g}")


class Guesses:
    """Counts in the memory of one process; several processes count each for itself."""

    def __init__(self, limits: GuessLimits | None = None) -> None:
        """Nothing is counted yet."""
        self.limits = limits or GuessLimits()
        self._counted: OrderedDict[Key, tuple[datetime, int]] = OrderedDict()

    def begin(self, caller: AuthorityId, ref: PermitRef, at: datetime) -> None:
        """
        Somebody is about to try a token: counted as wrong until `forgive` says that it was right.

        Counted before it is compared, so that many at once are not more than one after the other. Raises
        `TooManyGuesses`.
        """
        keys = ((caller, self.limits.wrong_per_caller), (ref, self.limits.wrong_per_permit))
        ends = [end for key, most in keys if (end := self._full(key, most, at)) is not None]
        if ends:
            raise TooManyGuesses(
                "too many wrong tokens were given",
                advice="read the token once more, and ask again after the time of Retry-After",
                retry_after=max(1, round((max(ends) - at).total_seconds())),
            )
        for key, _ in keys:
            end, count = self._window(key, at)
            self._counted[key] = end, count + 1
        while len(self._counted) > MOST_COUNTED:
            self._counted.popitem(last=False)

    def forgive(self, caller: AuthorityId, ref: PermitRef) -> None:
        """The token was right: it does not count."""
        for key in (caller, ref):
            if key in self._counted:
                end, count = self._counted[key]
                self._counted[key] = end, max(0, count - 1)

    def _full(self, key: Key, most: int, at: datetime) -> datetime | None:
        """When the window of a key ends that has no room left; None when there is room."""
        end, count = self._window(key, at)
        return end if count >= most else None

    def _window(self, key: Key, at: datetime) -> tuple[datetime, int]:
        """The end of the present window of a key, and how many are in it."""
        end, count = self._counted.get(key, (at, 0))
        return (end, count) if end > at else (at + timedelta(seconds=self.limits.window_seconds), 0)
