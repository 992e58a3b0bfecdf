"""Who makes a change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Author:
    """Who acts, and why: both stand in the message log."""

    who: str
    reason: str
