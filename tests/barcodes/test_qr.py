"""QR codes as they come out of printers of 203 and 300 dots an inch."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.barcodes import pixels
from webshop_orders.barcodes import qr


@pytest.mark.parametrize("dots_per_inch", pixels.RESOLUTIONS)
@pytest.mark.parametrize("width", [13, 25])
@settings(deadline=None)
@given(number=st.from_regex(r"[A-ZÅÄÖ#]{0,3}-?[0-9]{1,9}", fullmatch=True))
def test_what_is_drawn_is_read_back_from_the_print(dots_per_inch: int, width: int, number: str) -> None:
    drawing = qr.draw(number, width=width)

    assert drawing
    assert drawing.width <= width
    assert pixels.read(pixels.of_svg(drawing.svg, dots_per_inch, drawing.width)) == [number]


def test_even_a_short_text_is_no_micro_qr_which_some_readers_do_not_know() -> None:
    drawing = qr.draw("7", width=25)

    assert drawing
    assert drawing.svg.count('viewBox="0 0 21.75 21.75"') == 1  # 21 modules and 8 blank ones, of 0.75 mm


@pytest.mark.parametrize("text", ["x" * 400, "x" * 10_000])
def test_a_text_that_is_too_long_for_its_place_is_left_out(text: str) -> None:
    assert qr.draw(text, width=25) is None


def test_texts_are_escaped() -> None:
    drawing = qr.draw('<&">', width=25)

    assert drawing
    assert 'aria-label="&lt;&amp;&#34;&gt;"' in drawing.svg
