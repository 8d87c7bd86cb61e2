from dataclasses import dataclass


@dataclass(frozen=True)
class Diagnostic:
    """One thing that was examined: whether it is well, and in a sentence what it is like or what to mend."""

    is_ok: bool
    sentence: str
