"""The shapes of small charts, which templates draw as SVG: no script, and nothing to load."""

from collections.abc import Sequence
from typing import NamedTuple

COLUMN_WIDTH = 10.0
COLUMN_GAP = 2.0
HEIGHT = 100.0
MIN_HEIGHT = 2.0  # so that one of a thousand can be seen


class Column(NamedTuple):
    """A column of a chart, in the units of its `viewBox`, measured from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


def columns(values: Sequence[int]) -> list[Column]:
    """A column for each value, of a chart that is `HEIGHT` high; the largest fills it, and 0 has no height."""
    heights = [share * HEIGHT for share in shares(values)]
    return [
        Column(index * COLUMN_WIDTH, round(HEIGHT - height, 1), COLUMN_WIDTH - COLUMN_GAP, round(height, 1))
        for index, height in enumerate(heights)
    ]


def shares(values: Sequence[int]) -> list[float]:
    """What part of the largest each value is, from 0 to 1; negative ones are 0."""
    largest = max(values, default=0)
    return [max(value / largest, MIN_HEIGHT / HEIGHT) if value > 0 else 0.0 for value in values]
