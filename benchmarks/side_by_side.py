"""The order desk compared with a baseline and with django-oscar's dashboard: same machine, server, database, orders.

    make bench [ORDERS="1000 10000 100000 1000000"] [ROUNDS=30] [KEPT=folder] [BEFORE=commit]

With BEFORE, an earlier build of ours is measured as well: its commit is checked out into the folder, fills its own
database by its own command, and ours is a copy of that database, so that both have the same orders.

All shops are filled first and served at once. In each round every system of every shop performs the same task, one
after the other, so that other load on the machine affects all alike; each round uses another order, name and product.
Times are medians and 95th percentiles of complete answers over one persistent connection; compare ratios, not times,
between machines. With --kept the data stays in the folder for the next run.
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
from benchmarks.builds import check_out
from benchmarks.shops import Shop, fill_in, kept_in, open_shop, postgresql, reported_settings
from benchmarks.systems import Client
from benchmarks.tables import Figures
from benchmarks.tasks import Prepare, get

WARM_UP = 12  # psycopg and PostgreSQL each choose a plan for a prepared statement after five executions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--oscar", metavar="PYTHON", help="the Python that has django-oscar")
    parser.add_argument("--before", metavar="COMMIT", help="the build to compare with")
    parser.add_argument("--kept", type=Path, metavar="FOLDER", help="where the shops are kept for the next run")
    parser.add_argument("--fill-only", action="store_true", help="fill the shops that are kept, and measure nothing")
    options = parser.parse_args()
    with kept_in(options.kept) as folder, postgresql(folder) as server, ExitStack() as stack:
        before = check_out(options.before, folder) if options.before else None
        for orders in sorted(options.orders):
            fill_in(server, folder, orders, before, options.oscar)
        if options.fill_only:
            return
        turns = WARM_UP + options.rounds
        shops = [
            open_shop(server, folder, orders, turns, before, options.oscar, stack) for orders in sorted(options.orders)
        ]
        load = os.getloadavg()[0]
        for turn in range(turns):
            print(f"round {turn - WARM_UP + 1} of {options.rounds}", file=sys.stderr, flush=True)
            for index in range(len(shops[0].rows)):
                for shop in shops:
                    run_task(shop, turn, index, is_counted=turn >= WARM_UP)
        print(tables.conditions(options.rounds, load, reported_settings(server)))
    for shop in shops:
        print(tables.side_by_side(shop.orders, shop.rows))
    if len(shops) > 1:
        print(tables.growth({shop.orders: shop.rows for shop in shops}))


def run_task(shop: Shop, turn: int, index: int, *, is_counted: bool) -> None:
    """Perform a task with each system of a shop; the baseline returns a page as large as ours.

    The two builds of ours take turns in going first.
    """
    task, row = shop.tasks[turn][index], shop.rows[index]
    desks = [(row.ours, shop.desk)]
    if row.before is not None and shop.before is not None:
        desks.append((row.before, shop.before))
    for figures, desk in desks if turn % 2 else reversed(desks):
        _time(figures, task.ours, desk, is_counted)
    path = f"/{'list' if task.kind.is_list else 'order'}/{shop.samples[turn].order_id}/{row.ours.size}"
    _time(row.baseline, get(path), shop.baseline, is_counted)
    if row.oscar is not None and shop.oscar is not None and task.oscar is not None:
        _time(row.oscar, task.oscar, shop.oscar, is_counted)


def _time(figures: Figures, prepare: Prepare, client: Client, is_counted: bool) -> None:
    request = prepare(client)
    started = perf_counter()
    answers = request.send()
    took = perf_counter() - started
    assert all(answer.status in {200, 302, 303} for answer in answers), [answer.text[:2000] for answer in answers]
    assert re.search(request.shows, answers[-1].text), (request.shows, answers[-1].text[:2000])
    if is_counted:
        figures.seconds.append(took)
    figures.statements = sum(answer.statements for answer in answers)
    figures.size = sum(len(answer.body) for answer in answers)
    figures.gzipped = sum(len(gzip.compress(answer.body)) for answer in answers)


if __name__ == "__main__":
    main()
