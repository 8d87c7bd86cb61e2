"""Reading ahead in a process of its own, so that a file is read with one processor and saved with another."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Generator, Iterator
from multiprocessing.connection import Connection
from typing import TypeVar

from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation

T = TypeVar("T")

BATCHES_BEFORE = 2  # a small file is not worth a process


class ReaderFailed(RuntimeError):
    """The process that reads ended unexpectedly: an error of the program or of the machine."""


def read_ahead(batches: Iterator[T]) -> Generator[T, None, None]:
    """The same batches in the same sequence; all but the first are made in a forked process, where that is safe.

    The process has its own connections to the database. It ends with the iterator, and with the process that reads it.
    """
    for _batch, batch in zip(range(BATCHES_BEFORE), batches, strict=False):
        yield batch
    if sys.platform != "linux" or threading.active_count() > 1 or (os.cpu_count() or 1) == 1:
        yield from batches
        return
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()  # a connection can be used by one process only
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(batches, receiver, sender), daemon=True)
    process.start()
    sender.close()
    try:
        yield from _receive(receiver)
    finally:
        receiver.close()
        process.terminate()
        process.join()


def _receive(receiver: Connection) -> Iterator[T]:
    while True:
        try:
            kind, value = receiver.recv()
        except EOFError:
            raise ReaderFailed("The process that reads the file was ended.") from None
        match kind:
            case "batch":
                yield value
            case "refused":
                raise RuleViolation(value)
            case "failed":
                raise ReaderFailed(value)
            case _:
                return


def _send(batches: Iterator[object], receiver: Connection, sender: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that saves decides when to stop
    gc.freeze()  # what is there already belongs to the other process
    gc.enable()
    receiver.close()
    try:
        for batch in batches:
            sender.send(("batch", batch))
        sender.send(("end", None))
    except BrokenPipeError:
        return
    except RuleViolation as violation:
        sender.send(("refused", str(violation)))
    except Exception:
        sender.send(("failed", traceback.format_exc()))
