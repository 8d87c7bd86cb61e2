"""Code 128 as it comes out of printers of 203 and 300 dots an inch."""

import barcode
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.barcodes import pixels
from webshop_orders.barcodes import code128
from webshop_orders.barcodes.drawing import DOT, MIN_MODULE

LABEL = 90
SSCC = "00373500538500000010"
REFERENCES = st.from_regex(r"[A-Z#]{0,3}-?[0-9]{1,9}(-[0-9]{1,2})?", fullmatch=True)


@pytest.mark.parametrize("dots_per_inch", pixels.RESOLUTIONS)
@settings(deadline=None)
@given(text=st.one_of(REFERENCES, st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)))
def test_what_is_drawn_is_read_back_from_the_print(dots_per_inch: int, text: str) -> None:
    drawing = code128.draw(text, width=LABEL, height=10)

    assert drawing
    assert pixels.read(pixels.of_svg(drawing.svg, dots_per_inch, drawing.width)) == [text]


@pytest.mark.parametrize("text", ["99", "991234", "9912345", "99-1", "9999", "WS-99", "A99123456"])
def test_numbers_that_begin_with_99_keep_it(text: str) -> None:
    drawing = code128.draw(text, width=LABEL, height=10)

    assert drawing
    assert pixels.read(pixels.of_svg(drawing.svg, 203, drawing.width)) == [text]


def test_the_library_alone_drops_it() -> None:
    svg = barcode.get("code128", "991234").render({"write_text": False, "module_width": 0.5}).decode()

    assert pixels.read(pixels.of_svg(svg, 203)) == ["1234"]


@pytest.mark.parametrize("dots_per_inch", pixels.RESOLUTIONS)
def test_narrow_space_still_gives_bars_that_are_read(dots_per_inch: int) -> None:
    drawing = code128.draw(SSCC, width=62, height=10)

    assert drawing
    assert drawing.width == pytest.approx((145 + 20) * MIN_MODULE)
    assert pixels.read(pixels.of_svg(drawing.svg, dots_per_inch, drawing.width)) == [SSCC]


def test_the_librarys_own_width_is_not_read_at_203_dots_an_inch() -> None:
    """Why the bars are drawn here: its modules of 0.2 mm are 1.6 dots wide."""
    svg = barcode.get("code128", SSCC).render({"write_text": False}).decode()

    assert pixels.read(pixels.of_svg(svg, 203)) == []


@settings(deadline=None)
@given(text=REFERENCES, width=st.integers(20, 120))
def test_modules_are_whole_dots_and_blank_zones_are_within_the_width(text: str, width: int) -> None:
    drawing = code128.draw(text, width=width, height=10)

    if drawing:
        modules = len(code128._pattern(text)) + 20
        assert drawing.width <= width
        assert (drawing.width / modules / DOT) % 1 == 0
        assert drawing.width / modules >= MIN_MODULE


@pytest.mark.parametrize("text", ["", "ÅÄÖ-100234", "WS-100234\x1d", "x" * 40])
def test_what_no_printer_can_draw_is_left_out(text: str) -> None:
    assert code128.draw(text, width=LABEL, height=10) is None


def test_texts_are_escaped() -> None:
    drawing = code128.draw('<&">', width=LABEL, height=10)

    assert drawing
    assert 'aria-label="&lt;&amp;&#34;&gt;"' in drawing.svg
