"""What was written off a permit before."""

from dataclasses import dataclass
from datetime import datetime

from gateway.permits.quantities import Quantity


@dataclass(frozen=True, slots=True)
class Use:
    """One line of one earlier use, as a customs office entered it (Box 14, or at import)."""

    line: str
    """Letter of the line."""
    quantity: Quantity
    at: datetime
    """Aware."""
    office: str = ""
