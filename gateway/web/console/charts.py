"""Small charts, drawn on the server: bars over the hours of a day, with what they say as numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360, 132
"""Of a chart, in units of its own; about as many pixels on a telephone and in three columns."""
_LEFT, _TOP, _BOTTOM = 34, 12, 18
_GAP = 3.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    """A class of the style sheet: `solid`, `hollow` or `bad`."""


@dataclass(frozen=True, slots=True)
class Chart:
    """What a template draws."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    """Place and text below the axis."""
    top: str
    """The value at the upper edge."""
    axis: tuple[float, float, float]
    """Left end, right end and height of the axis."""
    width: int = WIDTH
    height: int = HEIGHT


def stacked(labels: Sequence[str], *series: tuple[str, Sequence[float]], unit: str = "") -> Chart:
    """
    Bars for each label, those of later series on top of those of earlier ones.

    A series is a tone and one value for each label.
    """
    sums = [sum(values[n] for _, values in series) for n in range(len(labels))]
    frame = _Frame(len(labels), max(sums, default=0.0))
    bars: list[Bar] = []
    for n in range(len(labels)):
        height = 0.0
        for tone, values in series:
            bars += frame.bar(n, height, height + values[n], tone)
            height += values[n]
    return frame.chart(bars, labels, unit)


def nested(labels: Sequence[str], *series: tuple[str, Sequence[float]], unit: str = "") -> Chart:
    """Bars for each label, later series in front of earlier ones."""
    frame = _Frame(len(labels), max((value for _, values in series for value in values), default=0.0))
    bars: list[Bar] = []
    for n in range(len(labels)):
        for tone, values in series:
            bars += frame.bar(n, 0.0, values[n], tone)
    return frame.chart(bars, labels, unit)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a value stands."""

    count: int
    most: float

    @property
    def scale(self) -> float:
        """The value of the upper edge: a round number that is not less than any."""
        return round_up(self.most)

    def bar(self, n: int, begin: float, end: float, tone: str) -> list[Bar]:
        """The rectangle of one value; none for nothing."""
        if end <= begin:
            return []
        slot, room = (WIDTH - _LEFT) / self.count, HEIGHT - _TOP - _BOTTOM
        low, high = (HEIGHT - _BOTTOM - value / self.scale * room for value in (begin, end))
        return [
            Bar(
                round(_LEFT + n * slot + _GAP / 2, 1),
                round(high, 1),
                round(slot - _GAP, 1),
                round(low - high, 1),
                tone,
            )
        ]

    def chart(self, bars: Sequence[Bar], labels: Sequence[str], unit: str) -> Chart:
        """With its axis; every sixth label is written."""
        slot = (WIDTH - _LEFT) / max(1, self.count)
        ticks = tuple(
            (round(_LEFT + (n + 0.5) * slot, 1), label) for n, label in enumerate(labels) if n % 6 == 0
        )
        return Chart(tuple(bars), ticks, f"{self.scale:g}{unit}", (_LEFT, WIDTH, HEIGHT - _BOTTOM))


def round_up(value: float) -> float:
    """The next 1, 2 or 5 times a power of ten; 1 for nothing."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= value * (1 - 1e-12))
