"""A fault that keeps a mail template from use."""

from dataclasses import dataclass
from typing import Literal

from liquid import Token

Part = Literal["subject", "text", "html"]
PARTS: tuple[Part, ...] = ("subject", "text", "html")


@dataclass(frozen=True)
class TemplateFault:
    """Why a part of a template cannot be used, in a sentence, and the line of its source, where it is on one."""

    part: Part
    line: int | None
    sentence: str


def line_at(source: str, index: int) -> int | None:
    """The line, counted from 1, of a character of the source; None for a negative index, which is nowhere."""
    return source.count("\n", 0, index) + 1 if index >= 0 else None


def line_of(source: str, token: Token | None) -> int | None:
    return line_at(source, token.start_index) if token else None
