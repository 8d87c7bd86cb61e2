"""Reading the records of a file in batches, which takes about as long as saving them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import TypeVar

from webshop_orders.connectors.importing.records import BatchOutcome, ReadBatch, Record, Refusal, Source
from webshop_orders.errors import RuleViolation

T = TypeVar("T")


def read_batch(records: list[Record[T]], share: float, *, existing: Collection[str | None] = ()) -> ReadBatch[T]:
    """Read each record that does not exist yet; those that cannot be read are refused, each with its reason."""
    batch: ReadBatch[T] = ReadBatch([], BatchOutcome(), share)
    for record in records:
        if record.reference in existing:
            batch.outcome.already += 1
            continue
        try:
            batch.values.append((record.number, record.read()))
        except RuleViolation as violation:
            batch.outcome.refusals.append(Refusal.of(violation, record.number, record.reference))
    return batch


def batches_of(source: Source[T], size: int) -> Iterator[list[Record[T]]]:
    records = iter(source.records)
    while batch := list(islice(records, size)):
        yield batch
