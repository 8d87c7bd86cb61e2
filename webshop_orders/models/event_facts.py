from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class BeforeAfter(Generic[T]):
    """A value as it was before a change, and as it is after it."""

    before: T
    after: T
