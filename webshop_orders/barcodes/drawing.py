"""A drawn code, for a page and for a file."""

from dataclasses import dataclass

from markupsafe import Markup

# A dot of a label printer of 203 dots an inch, in millimetres. Bars of whole dots keep their widths in print.
DOT = 0.125
# Three dots: bars of 0.2 mm were read in no print of 203 dots an inch, bars of 0.25 mm only on some pages.
MIN_MODULE = 3 * DOT


@dataclass(frozen=True)
class Drawing:
    """An SVG, and how wide and high it is in millimetres, with the blank zone that readers need around it."""

    svg: Markup
    width: float
    height: float

    def __html__(self) -> str:
        return self.svg


def widest_module(modules: float, width: float) -> float | None:
    """The width of a module, in whole dots, with which so many fit within `width`; None where they are too many."""
    module = width / modules // DOT * DOT
    return module if module >= MIN_MODULE else None
