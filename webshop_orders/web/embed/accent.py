"""A host's colour, shifted until it is legible on each light and each dark background of app.css.

Contrast is that of WCAG 2.2, success criterion 1.4.3: at least 4.5 to 1 for text.
"""

from collections.abc import Iterator

MIN_CONTRAST = 4.5
# The backgrounds of text in the accent colour: --card, --paper, --open-row and --refused of app.css.
LIGHT_BACKGROUNDS = ("#ffffff", "#f6f5f1", "#eef5f4", "#fbe9e7")
DARK_BACKGROUNDS = ("#201f1c", "#171614", "#1e2b2b", "#3a1f1c")
TINT = 0.16  # the share of the accent colour in --accent-tint of app.css; the rest is --card
WHITE, BLACK = "#ffffff", "#000000"
STEPS = 20


def style_sheet(colour: str) -> str:
    """The custom properties of app.css that derive from a colour such as `#7a1fa2`."""
    light = _legible(colour, on=LIGHT_BACKGROUNDS, towards=BLACK)
    dark = _legible(colour, on=DARK_BACKGROUNDS, towards=WHITE)
    return (
        f":root {{ --accent: light-dark({light}, {dark});"
        f" --on-accent: light-dark({_text_on(light)}, {_text_on(dark)});"
        f" --focus: light-dark({light}55, {dark}66); }}\n"
    )


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def _legible(colour: str, *, on: tuple[str, ...], towards: str) -> str:
    return next(shade for shade in _shades(colour, towards) if _min_contrast(shade, on) >= MIN_CONTRAST)


def _min_contrast(shade: str, backgrounds: tuple[str, ...]) -> float:
    """The lowest contrast of a shade on the backgrounds, the first of which is the card, and on the tinted card."""
    tint = _mix(backgrounds[0], shade, TINT)
    return min(contrast(shade, background) for background in (*backgrounds, tint))


def _text_on(colour: str) -> str:
    return max(WHITE, BLACK, key=lambda text: contrast(text, colour))


def _shades(colour: str, towards: str) -> Iterator[str]:
    return (_mix(colour, towards, step / STEPS) for step in range(STEPS + 1))


def _mix(first: str, second: str, share: float) -> str:
    """A colour with this share of the second, as `color-mix(in srgb, …)` mixes them."""
    mixed = (round(a + (b - a) * share) for a, b in zip(_parts(first), _parts(second), strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
