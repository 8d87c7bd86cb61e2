"""A host's colour, shifted until it is legible on a light and on a dark background.

Contrast is that of WCAG 2.2, success criterion 1.4.3: at least 4.5 to 1 for text.
"""

from collections.abc import Iterator

MIN_CONTRAST = 4.5
LIGHT_PAPER, DARK_PAPER = "#ffffff", "#201f1c"
WHITE, BLACK = "#ffffff", "#000000"
STEPS = 20


def style_sheet(colour: str) -> str:
    """The custom properties of app.css that derive from a colour such as `#7a1fa2`."""
    light = _legible(colour, on=LIGHT_PAPER, towards=BLACK)
    dark = _legible(colour, on=DARK_PAPER, towards=WHITE)
    return (
        f":root {{ --accent: light-dark({light}, {dark});"
        f" --on-accent: light-dark({_text_on(light)}, {_text_on(dark)});"
        f" --focus: light-dark({light}55, {dark}66); }}\n"
    )


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def _legible(colour: str, *, on: str, towards: str) -> str:
    return next(shade for shade in _shades(colour, towards) if contrast(shade, on) >= MIN_CONTRAST)


def _text_on(colour: str) -> str:
    return max(WHITE, BLACK, key=lambda text: contrast(text, colour))


def _shades(colour: str, towards: str) -> Iterator[str]:
    start, end = _parts(colour), _parts(towards)
    for step in range(STEPS + 1):
        mixed = (round(a + (b - a) * step / STEPS) for a, b in zip(start, end, strict=True))
        yield "#" + "".join(f"{part:02x}" for part in mixed)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
