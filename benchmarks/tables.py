"""Tables of the results, marked with the goals that are met."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median, quantiles

MILLISECONDS = 1000
# The goals: a maximum ratio to the baseline, a maximum growth from the smallest shop, and a minimum speed-up over Oscar
# from a number of orders on, which is higher for lists in very large shops.
MAX_TO_BASELINE, MAX_GROWTH = 3.0, 1.3
LARGE_SHOP, MIN_OSCAR_RATIO = 100_000, 5.0
VERY_LARGE_SHOP, MIN_OSCAR_LIST_RATIO = 1_000_000, 20.0
MET, MISSED = "✓", "✗"
OUR_COLUMNS = ["baseline p50 ms", "ours p50 ms", "p95", "statements", "bytes", "gzipped"]
OSCAR_COLUMNS = ["Oscar p50 ms", "p95", "statements", "bytes"]


@dataclass
class Figures:
    """The measurements of one task on one system; `statements` and `size` are those of the last round."""

    seconds: list[float] = field(default_factory=list)
    statements: int = 0
    size: int = 0
    gzipped: int = 0

    @property
    def p50(self) -> float:
        return median(self.seconds) * MILLISECONDS

    @property
    def p95(self) -> float:
        return quantiles(self.seconds, n=20)[-1] * MILLISECONDS


@dataclass
class Row:
    """One task and its measurements; `oscar` is None if Oscar has no equivalent."""

    name: str
    is_list: bool
    ours: Figures = field(default_factory=Figures)
    baseline: Figures = field(default_factory=Figures)
    oscar: Figures | None = None


def conditions(settings: dict[str, str], rounds: int, load: float) -> str:
    values = ", ".join(f"`{name}` {value}" for name, value in settings.items())
    cores = len(os.sched_getaffinity(0))
    return f"{rounds} rounds on {cores} cores; the load before them was {load:.1f}. PostgreSQL: {values}."


def side_by_side(orders: int, rows: Iterable[Row]) -> str:
    return _table(
        f"{orders:,} orders".replace(",", " "),
        ["Request", *OUR_COLUMNS, *OSCAR_COLUMNS, "ours / baseline", "Oscar / ours"],
        [[*_our_cells(row), *_oscar_cells(row), _baseline_ratio(row), _oscar_ratio(row, orders)] for row in rows],
    )


def growth(rows: dict[int, list[Row]]) -> str:
    """Our time for each task in larger shops, as a multiple of the time in the smallest shop."""
    smallest, *larger = rows
    sizes = [f"{orders:,} / {smallest:,}".replace(",", " ") for orders in larger]
    by_task = zip(*rows.values(), strict=True)
    return _table(
        "Growth", ["Request", *sizes], [[first.name, *_growth_ratios(first, rest)] for first, *rest in by_task]
    )


def _table(title: str, heads: list[str], lines: list[list[str]]) -> str:
    ruler = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join([f"\n### {title}\n", *(f"| {' | '.join(cells)} |" for cells in [heads, ruler, *lines])])


def _our_cells(row: Row) -> list[str]:
    ours = row.ours
    counts = [str(ours.statements), str(ours.size), str(ours.gzipped)]
    return [row.name, f"{row.baseline.p50:.2f}", f"{ours.p50:.1f}", f"{ours.p95:.1f}", *counts]


def _oscar_cells(row: Row) -> list[str]:
    oscar = row.oscar
    return [f"{oscar.p50:.1f}", f"{oscar.p95:.1f}", str(oscar.statements), str(oscar.size)] if oscar else [""] * 4


def _baseline_ratio(row: Row) -> str:
    ratio = row.ours.p50 / row.baseline.p50
    return _marked(ratio, ratio <= MAX_TO_BASELINE)


def _oscar_ratio(row: Row, orders: int) -> str:
    if row.oscar is None:
        return ""
    ratio = row.oscar.p50 / row.ours.p50
    if orders < LARGE_SHOP:
        return f"{ratio:.1f}"
    return _marked(
        ratio, ratio >= (MIN_OSCAR_LIST_RATIO if row.is_list and orders >= VERY_LARGE_SHOP else MIN_OSCAR_RATIO)
    )


def _growth_ratios(first: Row, rest: list[Row]) -> list[str]:
    ratios = [row.ours.p50 / first.ours.p50 for row in rest]
    return [_marked(ratio, ratio <= MAX_GROWTH) for ratio in ratios]


def _marked(ratio: float, is_met: bool) -> str:
    return f"{ratio:.2f} {MET if is_met else MISSED}"
