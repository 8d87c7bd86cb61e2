"""Code 128 (ISO/IEC 15417), which every scanner reads, as SVG."""

import re
from functools import cache
from typing import Any

from markupsafe import Markup

from webshop_orders.barcodes.drawing import Drawing, widest_module

# Code 128 has ASCII only; control characters are in it too, but no keyboard would type them into a field.
DRAWABLE = re.compile(r"[ -~]+")
QUIET_ZONE = 10  # modules on each side (ISO/IEC 15417, 4.2)
BAR = re.compile("1+")
DIGITS_99 = 99  # their value among digits; among letters it is the shift to digits
# nosemgrep: unescaped-markup - a constant, whose format escapes what is put into it
SVG = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" '
    'viewBox="0 0 {modules} {relative_height:g}" shape-rendering="crispEdges" role="img" aria-label="{text}">'
    '<path fill="#fff" d="M0 0h{modules}v{relative_height:g}H0z"/><path d="{bars}"/></svg>'
)


def draw(text: str, *, width: float, height: float) -> Drawing | None:
    """Draw a text at most `width` mm wide; None where it is too long, or has letters that Code 128 lacks, such as Å."""
    if not DRAWABLE.fullmatch(text):
        return None
    pattern = _pattern(text)
    modules = len(pattern) + 2 * QUIET_ZONE
    module = widest_module(modules, width)
    if module is None:
        return None
    relative_height = height / module
    bars = "".join(
        f"M{found.start() + QUIET_ZONE} 0h{len(found[0])}v{relative_height:g}h-{len(found[0])}z"
        for found in BAR.finditer(pattern)
    )
    svg = SVG.format(
        width=modules * module,
        height=height,
        modules=modules,
        relative_height=relative_height,
        text=text,
        bars=bars,
    )
    return Drawing(svg, modules * module, height)


def _pattern(text: str) -> str:
    """The modules of a text with its check character: 1 where there is a bar."""
    (pattern,) = _encoder()(text).build()
    return str(pattern)


@cache
def _encoder() -> type[Any]:
    """The library's encoder, which takes the digits 99 at the beginning for its own shift to digits, and drops them."""
    from barcode.codex import Code128

    class Encoder(Code128):
        def _try_to_optimize(self, encoded: list[int]) -> list[int]:
            return encoded if encoded[1] == DIGITS_99 else super()._try_to_optimize(encoded)

    return Encoder
