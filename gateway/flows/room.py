"""Whether there is room for bytes that a flow is about to hand over."""

from collections.abc import Callable

Room = Callable[[int], None]
"""Takes room for so many bytes, or raises `GatewayBusy`."""


def unlimited(_size: int) -> None:
    """For callers that do not count."""
