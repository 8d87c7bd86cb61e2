"""The size of letters with which a text fits into its place on paper, however long it is."""

from collections.abc import Sequence
from math import ceil
from unicodedata import east_asian_width

POINT = 0.3528  # mm
LINE_HEIGHT = 1.2  # of the size of the letters, as the style sheet has it
# Widths in the size of the letters: a little more than bold sans serifs have, as lines end between words.
LOWER, UPPER, WIDE = 0.6, 0.78, 1.05


def size_of_letters(lines: Sequence[str], *, width: float, height: float, sizes: Sequence[int]) -> int:
    """The largest of the `sizes`, in points, with which lines take no more than this room in mm; else the last one."""
    return next((size for size in sizes if _height(lines, size, width) <= height), sizes[-1])


def _height(lines: Sequence[str], size: int, width: float) -> float:
    rows = sum(max(1, ceil(_width(line) * size * POINT / width)) for line in lines)
    return rows * LINE_HEIGHT * size * POINT


def _width(line: str) -> float:
    return sum(WIDE if east_asian_width(letter) in "WF" else UPPER if letter.isupper() else LOWER for letter in line)
