"""The order desk beside its floor and beside django-oscar's dashboard: same machine, server, database and orders.

    make bench [ORDERS="1000 10000 100000 1000000"] [ROUNDS=30] [KEPT=folder]

All shops are filled first and served at once. Each round asks every system of every shop for the same thing, one after
the other, so that what else the machine does hits all alike, and each round asks for another order, name and product.
Times are medians and 95th percentiles of whole answers over one kept connection; ratios hold elsewhere, times do not.
What was filled in stays in the folder, if one is named, for the next run.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import sys
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

from benchmarks import tables
from benchmarks.requests_of import Prepare, get
from benchmarks.shops import Shop, fill_in, kept_in, open_shop, postgresql, told_settings
from benchmarks.systems import Client
from benchmarks.tables import Figures

WARM_UP = 12  # drivers and PostgreSQL decide after five times, each, how they go about a statement


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--oscar", metavar="PYTHON", help="the Python that has django-oscar")
    parser.add_argument("--kept", type=Path, metavar="FOLDER", help="where the shops stay for the next run")
    options = parser.parse_args()
    with kept_in(options.kept) as folder, postgresql(folder) as server, ExitStack() as stack:
        for orders in sorted(options.orders):
            fill_in(server, folder, orders, options.oscar)
        turns = WARM_UP + options.rounds
        shops = [open_shop(server, folder, orders, turns, options.oscar, stack) for orders in sorted(options.orders)]
        load = os.getloadavg()[0]
        for turn in range(turns):
            print(f"round {turn - WARM_UP + 1} of {options.rounds}", file=sys.stderr, flush=True)
            for index in range(len(shops[0].rows)):
                for shop in shops:
                    ask_all(shop, turn, index, is_counted=turn >= WARM_UP)
        print(tables.conditions(told_settings(server), options.rounds, load))
    for shop in shops:
        print(tables.side_by_side(shop.orders, shop.rows))
    if len(shops) > 1:
        print(tables.growth({shop.orders: shop.rows for shop in shops}))


def ask_all(shop: Shop, turn: int, index: int, *, is_counted: bool) -> None:
    """Ask each system of a shop for the same; the floor for a page as large as ours was."""
    wish, row = shop.wishes[turn][index], shop.rows[index]
    _time(row.ours, wish.ours, shop.desk, is_counted)
    path = f"/{'list' if wish.is_list else 'order'}/{shop.samples[turn].order_id}/{row.ours.size}"
    _time(row.floor, get(path), shop.floor, is_counted)
    if row.oscar is not None and shop.oscar is not None and wish.oscar is not None:
        _time(row.oscar, wish.oscar, shop.oscar, is_counted)


def _time(figures: Figures, prepare: Prepare, client: Client, is_counted: bool) -> None:
    request = prepare(client)
    began = perf_counter()
    answers = request.send()
    took = perf_counter() - began
    assert all(answer.status in {200, 302, 303} for answer in answers), [answer.text[:2000] for answer in answers]
    assert re.search(request.shows, answers[-1].text), (request.shows, answers[-1].text[:2000])
    if is_counted:
        figures.seconds.append(took)
    figures.statements = sum(answer.statements for answer in answers)
    figures.size = sum(len(answer.body) for answer in answers)
    figures.gzipped = sum(len(gzip.compress(answer.body)) for answer in answers)


if __name__ == "__main__":
    main()
