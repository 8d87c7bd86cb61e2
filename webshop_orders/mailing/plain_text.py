"""The text part of a mail: aligned columns and wrapped lines."""

import re
import textwrap

WIDTH = 72


def align_right(left: object, right: object) -> str:
    """Two texts on one line of WIDTH characters, the second at its right end; on two lines where they do not fit."""
    start, end = str(left), str(right)
    if len(start) + len(end) + 2 > WIDTH:
        return f"{start}\n{end:>{WIDTH}}"
    return f"{start}{end:>{WIDTH - len(start)}}"


def wrap(text: str) -> str:
    """Text with long lines broken between words, without trailing spaces and without two empty lines in a row."""
    lines = [_wrap_line(line.rstrip()) for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def _wrap_line(line: str) -> str:
    if len(line) <= WIDTH:
        return line
    # Every wrapped line repeats the indent; one as long as a mail would be repeated for each word.
    indent = line[: len(line) - len(line.lstrip())][: WIDTH // 2]
    # Long words stay whole: a broken URL no longer opens.
    return textwrap.fill(
        line.strip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
