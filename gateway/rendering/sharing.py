"""Dividing a length among those who need some of it."""

from collections.abc import Sequence

_NOTHING = 1e-6
"""Less is a matter of rounding."""


def share(needs: Sequence[float], least: Sequence[float], room: float) -> list[float]:
    """
    How much each one gets of `room`.

    When there is enough, each gets what it needs and the rest is divided in proportion to the needs. When
    there is not, each gets at least its `least` and beyond that all get alike, until the need is met: the
    modest are served in full and the greedy wait. `least` must fit into `room` and never exceed the need.
    """
    rest = room - sum(needs)
    if rest >= 0:
        whole = sum(needs)
        return [need + rest * need / whole if whole else rest / len(needs) for need in needs]
    given = list(least)
    rest = room - sum(given)
    wanting = [index for index, need in enumerate(needs) if need > given[index]]
    while wanting and rest > _NOTHING:
        part = min(rest / len(wanting), *(needs[index] - given[index] for index in wanting))
        for index in wanting:
            given[index] += part
        rest -= part * len(wanting)
        wanting = [index for index in wanting if needs[index] - given[index] > _NOTHING]
    return given
