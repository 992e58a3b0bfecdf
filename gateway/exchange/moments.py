"""How a moment is written in an envelope and a receipt."""

from datetime import UTC, datetime


def write_moment(at: datetime) -> str:
    """UTC with Z, to the microsecond (xs:dateTime)."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_moment(text: str) -> datetime:
    """The moment that `write_moment` wrote."""
    return datetime.fromisoformat(text)
