"""A check, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask_babel import LazyString

Progress = Callable[[int], object]


@dataclass(frozen=True)
class Violation:
    """What is not as it should be, and how to mend it, in a sentence each; `rule` is its number in docs/rules.md."""

    sentence: str
    mend: str
    rule: int | None = None


def _one() -> int:
    return 1


@dataclass(frozen=True)
class Check:
    """A part of the database that is checked, and the rule that it is about, where that is one of docs/rules.md.

    Where one that `is_vital` finds something, the others are not run, which rest on it.
    `run` yields what it finds, and calls its argument with how much it has looked at since the last call; `size` says
    how much that is in all.
    """

    name: LazyString
    run: Callable[[Progress], Iterator[Violation]]
    number: int | None = None
    size: Callable[[], int] = _one
    is_vital: bool = False
