"""What is imported: records of a file, each read by itself, and what became of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from webshop_orders.errors import RuleViolation

T = TypeVar("T")


@dataclass(frozen=True)
class Record(Generic[T]):
    """A record of a file: an order or a product.

    `number` is that of its line, or its place in the file. `reference` is what it is known by, where that is known
    before it is read. `read` raises RuleViolation.
    """

    number: int
    reference: str | None
    read: Callable[[], T]


@dataclass(frozen=True)
class Source(Generic[T]):
    """The records of a file, and how much of it has been read, from 0 to 1."""

    records: Iterable[Record[T]]
    share: Callable[[], float]


@dataclass(frozen=True)
class Refusal:
    """A record that was not imported; `field` is the one that is wrong, named as in JSON."""

    number: int
    reference: str | None
    field: str | None
    reason: str

    @classmethod
    def of(cls, violation: RuleViolation, number: int, reference: str | None) -> Refusal:
        return cls(number, reference, violation.field, str(violation))


@dataclass
class BatchOutcome:
    """What became of a batch of records."""

    new: int = 0
    changed: int = 0
    already: int = 0
    refusals: list[Refusal] = dataclasses.field(default_factory=list)


@dataclass
class ReadBatch(Generic[T]):
    """A batch of records: those that were read, by their numbers, and what became of the others."""

    values: list[tuple[int, T]]
    outcome: BatchOutcome
    share: float


@dataclass
class ImportOutcome:
    """How many records of a file were new, changed something, were there already, and were refused."""

    new: int = 0
    changed: int = 0
    already: int = 0
    refused: int = 0
    is_interrupted: bool = False

    @property
    def done(self) -> int:
        return self.new + self.changed + self.already + self.refused

    def add(self, batch: BatchOutcome) -> None:
        self.new += batch.new
        self.changed += batch.changed
        self.already += batch.already
        self.refused += len(batch.refusals)
