"""What goes wrong in a simulated network; the same seed always chooses the same."""

import random
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """One way to fail."""

    DROP = "drop"
    """The request is lost on its way."""
    DELAY = "delay"
    """The request comes late."""
    DUPLICATE = "duplicate"
    """The request comes twice, at about the same time."""
    REORDER = "reorder"
    """The request waits until others have overtaken it."""
    CUT = "cut"
    """The receiver has done its work, and the answer is lost."""
    CORRUPT = "corrupt"
    """One byte of the request or of the answer is another."""
    REFUSE = "refuse"
    """A machine in between is busy: 503, come again in a second."""
    KILL = "kill"
    """A gateway loses power (kill -9) and comes back."""


ON_THE_WIRE = tuple(fault for fault in Fault if fault is not Fault.KILL)


def dice(*parts: object) -> random.Random:
    """Chances that depend on these parts and on nothing else."""
    return random.Random("/".join(map(str, parts)))  # noqa: S311 - the same every time is what we want


@dataclass(frozen=True, slots=True)
class Faults:
    """Which faults there are, and how often one strikes."""

    seed: int
    kinds: frozenset[Fault]
    rate: float
    """Share of requests to which something happens."""

    def on(self, number: str, gateway: str, attempt: int) -> Fault | None:
        """What happens to the n-th request about a permit to a gateway; None: it passes."""
        kinds = [fault for fault in ON_THE_WIRE if fault in self.kinds]
        chance = dice(self.seed, number, gateway, attempt)
        if not kinds or chance.random() >= self.rate:
            return None
        return chance.choice(kinds)
