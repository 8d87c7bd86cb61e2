"""Processes of workers, each of which a test starts with the fate that it is to meet."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from typing import TypeVar

Fate = TypeVar("Fate")
processes = multiprocessing.get_context("forkserver")


@contextmanager
def killed_at_exit(crew: dict[ForkServerProcess, Fate]) -> Iterator[dict[ForkServerProcess, Fate]]:
    """The crew, of whose processes none is left in the end."""
    try:
        yield crew
    finally:
        for process in crew:
            process.kill()
            process.join()


def start(crew: dict[ForkServerProcess, Fate], work: Callable[[Fate], None], fate: Fate) -> None:
    process = processes.Process(target=work, args=(fate,), daemon=True)
    process.start()
    crew[process] = fate
