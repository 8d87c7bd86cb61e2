"""Memory of a server over many requests: it must not grow once every code path has run.

    python -m benchmarks.memory [REQUESTS]

One process of the order desk on SQLite with 10 000 orders answers a mix of lists, searches and orders; every tenth
request adds a comment, and every 500th exports the whole list. Its resident set size is read from /proc ten times; the
last reading is compared with the first.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from itertools import count, cycle, islice
from pathlib import Path

from benchmarks.filling import desk_settings, fill_desk
from benchmarks.systems import Answer, Client, resident, serving
from benchmarks.tasks import comment, sign_in_to_desk

REQUESTS, READINGS, ORDERS = 50_000, 10, 10_000
CHANGE_INTERVAL, EXPORT_INTERVAL = 10, 500
LISTS = ("", "?status=shipped", "?q=lin", "?q=asa+oberg", "?sort=customer", "?payment=klarna", "?carrier=PostNord")


def main(requests: int) -> None:
    readings = measure(requests)
    for index, kilobytes in enumerate(readings, start=1):
        print(f"{index * requests // READINGS} requests: {kilobytes / 1024:.1f} MB")
    print(f"last / first: {readings[-1] / readings[0]:.3f}")


def measure(requests: int, *, orders: int = ORDERS) -> list[int]:
    """The resident set size in kilobytes after each tenth of the requests."""
    with tempfile.TemporaryDirectory() as folder:
        settings = desk_settings(f"sqlite:///{folder}/memory.sqlite3", Path(folder))
        fill_desk(settings, orders)
        with serving("benchmarks.desk:application", **settings) as client:
            sign_in_to_desk(client)
            answers = _answers(client, orders)
            return [_read_after(answers, requests // READINGS, client) for _ in range(READINGS)]


def _read_after(answers: Iterator[Answer], requests: int, client: Client) -> int:
    for answer in islice(answers, requests):
        assert answer.status == 200, (answer.status, answer.text[:2000])
    return resident(client)


def _answers(client: Client, orders: int) -> Iterator[Answer]:
    """Send one request after the other, endlessly, and yield the answers."""
    numbers = (f"WS-{number}" for number in cycle(range(100_001, 100_001 + orders)))
    paths = _paths(numbers)
    for index in count():
        if index % EXPORT_INTERVAL == 0:
            yield client.get("/orders.csv")
        elif index % CHANGE_INTERVAL == 0:
            yield from comment(next(numbers))(client).send()
        else:
            yield client.get(next(paths))


def _paths(numbers: Iterator[str]) -> Iterator[str]:
    for query, tab in zip(cycle(LISTS), cycle(("", "/shipping", "/customer", "/history")), strict=False):
        yield f"/orders{query}"
        yield f"/orders/{next(numbers)}{tab}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS)
