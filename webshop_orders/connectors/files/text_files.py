"""Text files as other programs save them: in Unicode, or in an older encoding that Excel still uses."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
CHUNK_BYTES = 1 << 20
Read = Callable[[], Iterator[bytes]]  # begins to read a file, in chunks
ASCII = bytes(range(0x80))
# Excel saves CSV as the first on Windows, and as the others for Macintosh and MS-DOS.
OLDER_ENCODINGS = ("cp1252", "mac_roman", "cp850")
COMMON_LETTERS = "åäöÅÄÖ"
OTHER_LETTERS = "éÉèüÜøØæÆßñçáóíêô–—’“”…°€ "
COMMON_WEIGHT = 5
UNDEFINED_WEIGHT = -20


@contextmanager
def open_text(path: Path, encoding: str) -> Iterator[TextIO]:
    """A text file with its line ends as they are, for CSV and JSON alike."""
    with path.open(encoding=encoding, newline="") as file:
        yield file


def detect_encoding(path: Path, *, allows_older: bool = False) -> str:
    """The encoding of a text file: by its byte order mark, else UTF-8.

    With `allows_older`, a file that is not UTF-8 is read in the older encoding that gives the most letters of Nordic
    and other European words. Raises OSError.
    """
    return _detect(lambda: _chunks(path), allows_older=allows_older)


def detect_encoding_of(data: bytes, *, allows_older: bool = False) -> str:
    """The same of a file that is in memory."""
    return _detect(lambda: iter([data]), allows_older=allows_older)


def _detect(read: Read, *, allows_older: bool) -> str:
    head = next(read(), b"")
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return encoding
    if b"\x00" in head[:200]:  # UTF-16 without a mark: every second byte of ASCII is zero
        return "utf-16-le" if head[1:2] == b"\x00" else "utf-16-be"
    return "utf-8" if not allows_older or _is_utf8(read()) else _older_encoding(read())


def _is_utf8(chunks: Iterator[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in chunks:
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _older_encoding(chunks: Iterator[bytes]) -> str:
    counts: Counter[int] = Counter()
    for chunk in chunks:
        counts.update(chunk.translate(None, ASCII))
    return max(OLDER_ENCODINGS, key=lambda encoding: _plausibility(counts, encoding))


def _plausibility(counts: Counter[int], encoding: str) -> int:
    score = 0
    for byte, count in counts.items():
        character = bytes([byte]).decode(encoding, "replace")
        if character == "\ufffd":
            score += UNDEFINED_WEIGHT * count
        elif character in COMMON_LETTERS:
            score += COMMON_WEIGHT * count
        elif character in OTHER_LETTERS:
            score += count
    return score


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
