"""What was measured, as tables that mark which goals are met."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median, quantiles

MILLISECONDS = 1000
# The goals: at most so many times the floor, so many times faster than Oscar from so many orders on, the lists faster
# still among very many, and at most so many times what the fewest orders cost.
HIGHEST_TO_FLOOR, HIGHEST_GROWTH = 3.0, 1.3
MANY, LOWEST_TO_OSCAR = 100_000, 5.0
VERY_MANY, LOWEST_OF_LISTS = 1_000_000, 20.0
MET, MISSED = "✓", "✗"
OF_OURS = ["floor p50 ms", "ours p50 ms", "p95", "statements", "bytes", "gzipped"]
OF_OSCAR = ["Oscar p50 ms", "p95", "statements", "bytes"]


@dataclass
class Figures:
    """What one system took for one wish; `statements` and `size` are those of the last turn."""

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
    """One wish, and what each system took for it; `oscar` is None where it has nothing like it."""

    name: str
    is_list: bool
    ours: Figures = field(default_factory=Figures)
    floor: Figures = field(default_factory=Figures)
    oscar: Figures | None = None


def conditions(settings: dict[str, str], rounds: int, load: float) -> str:
    told = ", ".join(f"`{name}` {value}" for name, value in settings.items())
    cores = len(os.sched_getaffinity(0))
    return f"{rounds} rounds on {cores} cores; the load before them was {load:.1f}. PostgreSQL: {told}."


def side_by_side(orders: int, rows: Iterable[Row]) -> str:
    return _table(
        f"{orders:,} orders".replace(",", " "),
        ["Request", *OF_OURS, *OF_OSCAR, "ours / floor", "Oscar / ours"],
        [[*_of_ours(row), *_of_oscar(row), _to_floor(row), _to_oscar(row, orders)] for row in rows],
    )


def growth(rows: dict[int, list[Row]]) -> str:
    """Each request of ours among more orders, as a multiple of what it takes among the fewest."""
    fewest, *more = rows
    sizes = [f"{orders:,} / {fewest:,}".replace(",", " ") for orders in more]
    by_wish = zip(*rows.values(), strict=True)
    return _table("Growth", ["Request", *sizes], [[first.name, *_grown(first, rest)] for first, *rest in by_wish])


def _table(title: str, heads: list[str], lines: list[list[str]]) -> str:
    ruler = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join([f"\n### {title}\n", *(f"| {' | '.join(cells)} |" for cells in [heads, ruler, *lines])])


def _of_ours(row: Row) -> list[str]:
    ours = row.ours
    counted = [str(ours.statements), str(ours.size), str(ours.gzipped)]
    return [row.name, f"{row.floor.p50:.2f}", f"{ours.p50:.1f}", f"{ours.p95:.1f}", *counted]


def _of_oscar(row: Row) -> list[str]:
    oscar = row.oscar
    return [f"{oscar.p50:.1f}", f"{oscar.p95:.1f}", str(oscar.statements), str(oscar.size)] if oscar else [""] * 4


def _to_floor(row: Row) -> str:
    ratio = row.ours.p50 / row.floor.p50
    return _marked(ratio, ratio <= HIGHEST_TO_FLOOR)


def _to_oscar(row: Row, orders: int) -> str:
    if row.oscar is None:
        return ""
    ratio = row.oscar.p50 / row.ours.p50
    if orders < MANY:
        return f"{ratio:.1f}"
    return _marked(ratio, ratio >= (LOWEST_OF_LISTS if row.is_list and orders >= VERY_MANY else LOWEST_TO_OSCAR))


def _grown(first: Row, rest: list[Row]) -> list[str]:
    ratios = [row.ours.p50 / first.ours.p50 for row in rest]
    return [_marked(ratio, ratio <= HIGHEST_GROWTH) for ratio in ratios]


def _marked(ratio: float, is_met: bool) -> str:
    return f"{ratio:.2f} {MET if is_met else MISSED}"
