"""The text part of a mail: columns that line up, and lines that fit."""

import re
import textwrap

WIDTH = 72


def align_right(left: object, right: object) -> str:
    """Two words on a line, the second one at its right end; on two lines where they do not fit on one."""
    start, end = str(left), str(right)
    if len(start) + len(end) + 2 > WIDTH:
        return f"{start}\n{end:>{WIDTH}}"
    return f"{start}{end:>{WIDTH - len(start)}}"


def wrap(text: str) -> str:
    """Text with long lines broken between words, no spaces at line ends and no two empty lines in a row."""
    lines = [_fit(line.rstrip()) for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def _fit(line: str) -> str:
    if len(line) <= WIDTH:
        return line
    # Each line begins with the indent, so one as long as a mail would be written as often as there are words.
    indent = line[: len(line) - len(line.lstrip())][: WIDTH // 2]
    # An address of a web page would no longer open once it is broken.
    return textwrap.fill(
        line.strip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
