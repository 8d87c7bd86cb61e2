"""Codes read back from what a printer would put on paper."""

import io
from functools import cache

import pypdfium2
import typst
import zxingcpp
from PIL import Image

# Printers of labels, and those of paper at their coarsest.
RESOLUTIONS = (203, 300)
PAGE = b"""
#set page(width: auto, height: auto, margin: 5mm)
#image(bytes(sys.inputs.svg), format: "svg", ..if "width" in sys.inputs { (width: float(sys.inputs.width) * 1mm) })
"""


def read(picture: Image.Image) -> list[str]:
    """The texts of the codes in a picture, each once."""
    return sorted({text for text, _kind in codes(picture)})


def codes(picture: Image.Image) -> list[tuple[str, str]]:
    """The text and the kind of each code in a picture, such as ("WS-100234-1", "QR Code")."""
    return sorted((found.text, str(found.format)) for found in zxingcpp.read_barcodes(picture.convert("L")))


def of_svg(svg: str, dots_per_inch: int, width: float | None = None) -> Image.Image:
    """An SVG on paper, `width` mm wide, or as wide as it says itself."""
    inputs = {"svg": svg} | ({"width": f"{width:g}"} if width else {})
    png = _compiler().compile(PAGE, format="png", ppi=dots_per_inch, sys_inputs=inputs)
    return Image.open(io.BytesIO(png))


def of_pdf(content: bytes, dots_per_inch: int) -> list[Image.Image]:
    """The pages of a PDF."""
    with pypdfium2.PdfDocument(content) as pdf:
        return [page.render(scale=dots_per_inch / 72).to_pil() for page in pdf]


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler()
