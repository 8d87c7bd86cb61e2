"""How long the commands of an earlier build and of ours take to start, in turn.

    python -m benchmarks.startup BEFORE [ROUNDS] [--kept FOLDER]

`--help` until it ends; `serve`, and `demo` the second time, until the sign-in page has been answered. Everything is
compiled, and the databases are filled and migrated by a first round that is not counted.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.builds import OURS, Build, check_out
from benchmarks.shops import kept_in
from benchmarks.tables import MET, MISSED, conditions

MAX_TO_BEFORE = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", metavar="BEFORE", help="the commit to compare with")
    parser.add_argument("rounds", metavar="ROUNDS", type=int, nargs="?", default=10)
    parser.add_argument("--kept", type=Path, metavar="FOLDER", help="where the checkout is kept for the next run")
    options = parser.parse_args()
    with kept_in(None) as instances, kept_in(options.kept) as folder:
        builds = [check_out(options.before, folder), OURS]
        load = os.getloadavg()[0]
        print("| | before p50 s | ours p50 s | ours / before |")
        print("| --- | ---: | ---: | ---: |")
        for name, start in {"--help": _help, "serve": _serve, "demo": _demo}.items():
            seconds: dict[str, list[float]] = {build.name: [] for build in builds}
            for turn in range(options.rounds + 1):
                for build in builds if turn % 2 else reversed(builds):
                    took = start(build, {"WEBSHOP_ORDERS_INSTANCE": str(instances / f"{build.name}-{name}")})
                    if turn:
                        seconds[build.name].append(took)
            before, ours = median(seconds["before"]), median(seconds["ours"])
            mark = MET if ours / before <= MAX_TO_BEFORE else MISSED
            print(f"| `{name}` | {before:.2f} | {ours:.2f} | {ours / before:.2f} {mark} |", flush=True)
        print(f"\n{conditions(options.rounds, load)}")


def _help(build: Build, settings: dict[str, str]) -> float:
    began = perf_counter()
    build.run("--help", settings=settings)
    return perf_counter() - began


def _serve(build: Build, settings: dict[str, str]) -> float:
    return _until_answered(lambda: build.serving("serve", settings=settings))


def _demo(build: Build, settings: dict[str, str]) -> float:
    return _until_answered(lambda: build.serving("demo", "--no-browser", settings=settings))


def _until_answered(serving: Callable[[], AbstractContextManager[int]]) -> float:
    began = perf_counter()
    with serving():
        return perf_counter() - began


if __name__ == "__main__":
    main()
