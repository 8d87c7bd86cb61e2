"""QR codes (ISO/IEC 18004), which also phones read, as SVG."""

from markupsafe import Markup

from webshop_orders.barcodes.drawing import Drawing, widest_module

QUIET_ZONE = 4  # modules on each side (ISO/IEC 18004, 9.1)


def draw(text: str, *, width: float) -> Drawing | None:
    """Draw a text at most `width` mm wide; None where it is too long for that."""
    import segno

    try:
        # Not every reader reads Micro QR. In Latin-1, which is the library's first choice, «ÄÄ0» is read as «ﾄﾄ0».
        code = segno.make(text, error="m", micro=False, encoding="utf-8")
    except segno.DataOverflowError:
        return None
    modules = code.symbol_size(border=QUIET_ZONE)[0]
    module = widest_module(modules, width)
    if module is None:
        return None
    svg = code.svg_inline(scale=module, unit="mm", border=QUIET_ZONE, light="#fff", svgclass=None, lineclass=None)
    # nosemgrep: unescaped-markup - the library draws it of numbers alone
    shape = Markup(svg.removeprefix("<svg"))  # noqa: S704 # nosec B704
    # nosemgrep: unescaped-markup - a constant, whose format escapes what is put into it
    start = Markup('<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{}"').format(text)
    return Drawing(start + shape, modules * module, modules * module)
