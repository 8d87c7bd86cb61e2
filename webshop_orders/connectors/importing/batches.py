"""Running an import: a batch of records at a time, until the file ends or somebody interrupts it."""

from __future__ import annotations

import gc
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError

from webshop_orders.connectors.importing.records import BatchOutcome, ImportOutcome, ReadBatch, Refusal
from webshop_orders.errors import Busy

T = TypeVar("T")
S = TypeVar("S")

MAX_ATTEMPTS = 5


def run(
    batches: Iterable[ReadBatch[T]],
    save: Callable[[list[tuple[int, T]]], BatchOutcome],
    *,
    refuse: Callable[[Refusal], object],
    progress: Callable[[ImportOutcome, float], object],
) -> ImportOutcome:
    """Import a file; `refuse` is called with each refused record, `progress` with the share after each batch.

    Ctrl-C lets the batch at hand finish; a second one ends it at once, and rolls it back.
    """
    outcome = ImportOutcome()
    with _deferring_interrupts() as is_interrupted, _collecting_after_batches() as collect:
        for batch in batches:
            if is_interrupted():
                outcome.is_interrupted = True
                break
            saved = save(batch.values) if batch.values else BatchOutcome()
            outcome.add(batch.outcome)
            outcome.add(saved)
            for refusal in sorted([*batch.outcome.refusals, *saved.refusals], key=lambda refusal: refusal.number):
                refuse(refusal)
            progress(outcome, batch.share)
            collect()
    return outcome


def with_retries(save: Callable[[], S]) -> S:
    """Save a batch or a record; from its start again if other transactions locked its rows or saved the same."""
    for _attempt in range(MAX_ATTEMPTS - 1):
        try:
            return save()
        except (Busy, IntegrityError):
            continue
    return save()


@contextmanager
def _deferring_interrupts() -> Iterator[Callable[[], bool]]:
    """Yields whether somebody pressed Ctrl-C, which does not interrupt at once for the first time."""
    interrupts: list[int] = []
    if threading.current_thread() is not threading.main_thread():  # only that one gets signals
        yield lambda: False
        return
    former: Any = signal.getsignal(signal.SIGINT)

    def interrupt(number: int, _frame: object) -> None:
        interrupts.append(number)
        signal.signal(signal.SIGINT, former)

    if former is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, interrupt)
    try:
        yield lambda: bool(interrupts)
    finally:
        signal.signal(signal.SIGINT, former)


@contextmanager
def _collecting_after_batches() -> Iterator[Callable[[], object]]:
    """Yields a function that collects garbage, which happens then alone: a batch needs all its objects to its end.

    What is there before the import is not looked through each time.
    """
    was_enabled, was_frozen = gc.isenabled(), gc.get_freeze_count() > 0
    gc.collect()
    gc.disable()
    if not was_frozen:
        gc.freeze()
    try:
        yield gc.collect
    finally:
        if not was_frozen:
            gc.unfreeze()
        if was_enabled:
            gc.enable()
