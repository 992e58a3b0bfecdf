"""By how much the amounts at two borders may differ before somebody has to look."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from gateway.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Tolerance:
    """
    A difference is tolerated when it is within the share or within the amount.

    Raises `ConfigurationError` for a share or amount below zero, or that is no number.
    """

    share: Decimal = Decimal("0.05")
    """Of what was exported, for what is weighed or measured: 0.05 is five in a hundred (drying, spilling)."""
    counted_share: Decimal = Decimal(0)
    """The same for what is counted: whoever counts can count alike."""
    amount: Decimal = Decimal(0)
    """In the unit of what was exported (KGM, NAR ...)."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        for name in ("share", "counted_share", "amount"):
            value = getattr(self, name)
            if not value.is_finite() or value < 0:
                raise ConfigurationError(
                    f"the tolerance {name} is {value}",
                    advice="write a number that is not below zero, such as 0.05",
                )

    def allows(self, difference: Fraction, exported: Fraction, *, counted: bool) -> bool:
        """Whether a difference (either way) is nothing to look at, both in the same unit."""
        share = Fraction(self.counted_share if counted else self.share)
        return abs(difference) <= max(share * abs(exported), Fraction(self.amount))


DEFAULT = Tolerance()
