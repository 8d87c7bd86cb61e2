"""Whatever colour a host has, links and buttons in it can be read on every background that they are on."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from webshop_orders.web.embed.accent import contrast, style_sheet

APP_CSS = (Path(__file__).parents[3] / "static" / "app.css").read_text(encoding="utf-8")
# The page, cards, the row that is edited and the errors of a template; badges are on the tint.
BACKGROUNDS = ("paper", "card", "open-row", "refused")
CHANNELS = range(0, 256, 51)
COLOURS = [
    "#0a84ff",
    "#7a1fa2",
    *(f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in product(CHANNELS, repeat=3)),
]
MIN_CONTRAST = 4.5


def test_every_colour_can_be_read_on_the_backgrounds_of_the_style_sheet() -> None:
    unreadable = {
        (colour, shade, background): contrast(shade, background)
        for colour in COLOURS
        for shade, background in _text_and_backgrounds(style_sheet(colour))
        if contrast(shade, background) < MIN_CONTRAST
    }
    assert unreadable == {}


def test_the_desks_own_colour_can_be_read_on_them_too() -> None:
    pairs = list(_text_and_backgrounds(APP_CSS))
    assert len(pairs) == 2 * (len(BACKGROUNDS) + 2)
    assert min(contrast(shade, background) for shade, background in pairs) >= MIN_CONTRAST


def _text_and_backgrounds(css: str) -> Iterator[tuple[str, str]]:
    """Each pair of a text's colour and the background that it is on, in light and in dark."""
    backgrounds = [_light_and_dark(name, APP_CSS) for name in BACKGROUNDS]
    for mode in range(2):
        accent, on_accent = (_light_and_dark(name, css)[mode] for name in ("accent", "on-accent"))
        yield on_accent, accent
        yield accent, _tint(accent, _light_and_dark("card", APP_CSS)[mode])
        for background in backgrounds:
            yield accent, background[mode]


def _light_and_dark(name: str, css: str) -> tuple[str, str]:
    [(light, dark)] = re.findall(rf"--{name}: light-dark\((#\w+), (#\w+)\)", css)
    return _six_digits(light), _six_digits(dark)


def _tint(accent: str, card: str) -> str:
    [percent] = re.findall(r"--accent-tint: color-mix\(in srgb, var\(--accent\) (\d+)%, var\(--card\)\)", APP_CSS)
    share = int(percent) / 100
    mixed = (round(a * share + b * (1 - share)) for a, b in zip(_channels(accent), _channels(card), strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _channels(colour: str) -> bytes:
    return bytes.fromhex(colour[1:])


def _six_digits(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])
