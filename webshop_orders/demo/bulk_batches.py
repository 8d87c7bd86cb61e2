"""Batches of bulk orders, which other processes make while the database stores the batches before them."""

from __future__ import annotations

import gc
import os
import signal
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context, parent_process
from random import Random
from threading import Thread
from typing import Any, NamedTuple

from webshop_orders.db import bulk_writing
from webshop_orders.demo import bulk_orders
from webshop_orders.demo.bulk_orders import Run
from webshop_orders.demo.bulk_products import ArticlePool
from webshop_orders.demo.bulk_rows import ROW_TYPES, Ids, Rows


@dataclass(frozen=True)
class Assignment:
    """A batch that is to be made: the index and number of each order, and the first id of its rows in each table."""

    run: Run
    pool: ArticlePool
    indices: range
    numbers: Sequence[str]
    first_ids: Sequence[int]
    as_copy_text: bool


class Batch(NamedTuple):
    """Orders that were made: their rows by table, and the units that open lines reserve and wait for, by product id."""

    orders: int
    rows: list[Any]
    reserved: Counter[int]
    backordered: Counter[int]

    def write(self) -> None:
        for (table, row_type), rows in zip(ROW_TYPES.items(), self.rows, strict=True):
            write = bulk_writing.write_copy_text if isinstance(rows, bytes) else bulk_writing.write
            write(table, row_type._fields, rows)


def make(assignment: Assignment) -> Batch:
    rows, ids = Rows(), Ids(*map(count, assignment.first_ids))
    rng = Random()  # noqa: S311 # nosec B311 # nosemgrep: insecure-random - seeded anew for each order
    for index, number in zip(assignment.indices, assignment.numbers, strict=True):
        bulk_orders.add(rows, ids, index, number, assignment.run, assignment.pool, rng)
    by_table: list[Any] = rows.by_table()
    if assignment.as_copy_text:
        by_table = [bulk_writing.copy_text(table_rows) for table_rows in by_table]
    return Batch(len(assignment.indices), by_table, rows.reserved, rows.backordered)


def make_ahead(assignments: Iterable[Assignment]) -> Iterator[Batch]:
    """Make batches in as many processes as there are processors, which are one batch each ahead of what is taken."""
    processes = os.cpu_count() or 1
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=_prepare_process) as executor:
        ahead: deque[Future[Batch]] = deque()
        for assignment in assignments:
            ahead.append(executor.submit(make, assignment))
            if len(ahead) > processes:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _prepare_process() -> None:
    """The rows of a batch have no reference cycles; a run is interrupted by the process that writes them."""
    gc.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)
