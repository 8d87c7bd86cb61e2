"""The result of one check."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Diagnostic:
    """The result of one check: whether it passed, and a sentence that says what was found or what to fix."""

    is_ok: bool
    sentence: str
