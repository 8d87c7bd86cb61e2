"""Pictures that were uploaded: their format by their content, whatever their name says, and their size in pixels.

Only the first bytes are read, so that no picture can do harm here by being decoded. SVG is none of the formats, since
it can run scripts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from struct import error as StructError
from struct import unpack_from

Size = tuple[int, int]
PNG, JPEG, GIF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", (b"GIF87a", b"GIF89a")
# Start of frame, of which C4, C8 and CC are other segments (ITU-T T.81, table B.1).
START_OF_FRAME = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}
END_OF_IMAGE, START_OF_SCAN = 0xD9, 0xDA


@dataclass(frozen=True)
class Image:
    """A picture in a format that browsers show."""

    media_type: str
    width: int
    height: int


def read(content: bytes) -> Image | None:
    """What a picture is; None for what is none of the formats, or broken off in its head."""
    try:
        for media_type, read_size in READERS.items():
            size = read_size(content)
            if size is not None and min(size) > 0:
                return Image(media_type, *size)
    except StructError:
        return None
    return None


def _png(content: bytes) -> Size | None:
    """https://www.w3.org/TR/png-3/#11IHDR"""
    if not content.startswith(PNG) or content[12:16] != b"IHDR":
        return None
    width, height = unpack_from(">II", content, 16)
    return width, height


def _gif(content: bytes) -> Size | None:
    """https://www.w3.org/Graphics/GIF/spec-gif89a.txt, section 18"""
    if not content.startswith(GIF):
        return None
    width, height = unpack_from("<HH", content, 6)
    return width, height


def _jpeg(content: bytes) -> Size | None:
    """The frame is in one of the segments, each of which has its length (ITU-T T.81, B.1)."""
    if not content.startswith(JPEG):
        return None
    at = 2
    while True:
        mark, kind = unpack_from(">BB", content, at)
        if mark != 0xFF or kind in {END_OF_IMAGE, START_OF_SCAN}:
            return None
        if kind == 0xFF:  # a fill byte
            at += 1
        elif kind in WITHOUT_LENGTH:
            at += 2
        elif kind in START_OF_FRAME:
            height, width = unpack_from(">HH", content, at + 5)
            return width, height
        else:
            (length,) = unpack_from(">H", content, at + 2)
            at += 2 + length


def _webp(content: bytes) -> Size | None:
    """https://developers.google.com/speed/webp/docs/riff_container"""
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        return None
    if content[12:16] == b"VP8X":
        width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
        return (width, height) if len(content) > 30 else None
    if content[12:16] == b"VP8L" and content[20:21] == b"\x2f":
        (bits,) = unpack_from("<I", content, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if content[12:16] == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = unpack_from("<HH", content, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


READERS: dict[str, Callable[[bytes], Size | None]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _webp,
}
