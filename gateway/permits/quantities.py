"""Amounts with their units."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount as it stands in boxes 11, 11a and 14, for example 250 NAR or 1.50 KGM."""

    value: Decimal
    """Exact, with its scale: 1.50 stays 1.50."""
    unit: str | None = None
    """Code of the unit list as written; None means number of specimens (Guidelines for annual reports)."""

    def __str__(self) -> str:
        """For people: the amount without an exponent, then the unit."""
        return f"{self.value:f}" + (f" {self.unit}" if self.unit else "")
