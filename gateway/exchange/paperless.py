"""Which Parties have agreed to go without paper."""

from dataclasses import dataclass
from datetime import date

_PAIR = 2


@dataclass(frozen=True, slots=True)
class PaperlessAgreement:
    """Two Parties accept each other's electronic permits instead of the paper form."""

    parties: tuple[str, ...]
    since: date
    note: str = ""
    """Where it is written."""

    def __post_init__(self) -> None:
        """Refuse one with itself."""
        if len(self.parties) != _PAIR or self.parties[0] == self.parties[1]:
            raise ValueError("parties must be two different Parties, such as ['CH', 'FR']")

    def covers(self, one: str, other: str, day: date) -> bool:
        """Whether it is about these two and has begun."""
        return {one, other} == set(self.parties) and self.since <= day
