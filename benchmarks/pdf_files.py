"""Packing slips as a PDF: the processor's time from the database to the file, its size, and the memory after many.

    python -m benchmarks.pdf_files [SLIPS …]

Orders of 3 to 8 lines on SQLite, whose slips have prices and a return form, so two pages each. No file is like another,
as typst remembers what it has set. The first one includes loading typst and its fonts. Memory is the process's
resident set size after all files of a size.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from itertools import count
from pathlib import Path
from statistics import median

from tests.conftest import settings
from tests.factories import make_order, make_product, reshape_shop
from webshop_orders import create_app
from webshop_orders.cli import database
from webshop_orders.operations.printing import packing_slips, selection, slip_files

FILES, PRODUCTS = 10, 20
NUMBERS = count()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("slips", type=int, nargs="*", default=[1, 50, 100])
    counts = parser.parse_args().slips
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(settings(f"sqlite:///{folder}/shop.sqlite3"))
        with app.test_request_context():
            database.prepare()
            references = _make_orders(max(counts))
            print(f"{len(os.sched_getaffinity(0))} cores; the load before was {os.getloadavg()[0]:.1f}")
            print(f"the first file: {_seconds(references[:1])[0] * 1000:.0f} ms")
            for slips in counts:
                taken = [_seconds(references[:slips]) for _file in range(FILES)]
                took, size = median(seconds for seconds, _size in taken), taken[0][1]
                print(f"{slips} slips: {took * 1000:.0f} ms, {size / 1000:.0f} kB, {_memory()} MB")


def _make_orders(number_of_orders: int) -> list[str]:
    for number in range(PRODUCTS):
        make_product(f"LJUS-{number:02}", name=f"Stearinljus nr {number}, 12-pack, vita", stock=100_000)
    reshape_shop(name="Ljus & Linne", slip_shows_prices=True, slip_has_return_form=True)
    orders = [
        make_order(*[(f"LJUS-{(place + number) % PRODUCTS:02}", 2) for number in range(3 + place % 6)])
        for place in range(number_of_orders)
    ]
    return [f"{order.number}-1" for order in orders]


def _seconds(references: list[str]) -> tuple[float, int]:
    reshape_shop(slip_text_sv=f"Öppet köp i {next(NUMBERS)} dagar.")
    begun = time.process_time()
    content = slip_files.of_slips(packing_slips.of(selection.of_references(references)))
    return time.process_time() - begun, len(content)


def _memory() -> int:
    (kilobytes,) = re.findall(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(kilobytes) // 1000


if __name__ == "__main__":
    main()
