"""Tables of the results, marked with the goals that are met."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from statistics import median, quantiles

from benchmarks.tasks import Kind

MILLISECONDS = 1000
LARGE_SHOP, VERY_LARGE_SHOP = 100_000, 1_000_000
MAX_TO_BASELINE = 3.0
MET, MISSED = "✓", "✗"
OUR_COLUMNS = ["baseline p50 ms", "ours p50 ms", "p95", "statements", "bytes", "gzipped"]
BEFORE_COLUMNS = ["before p50 ms", "p95", "ours / before"]
OSCAR_COLUMNS = ["Oscar p50 ms", "p95", "statements", "bytes", "Oscar / ours"]


@dataclass(frozen=True)
class Goals:
    """Ratios: at most to the earlier build and to the smallest shop, and how many times Oscar takes, at least."""

    max_to_before: float
    max_growth: float = 1.3
    min_oscar: float = 5.0  # from a large shop on
    min_oscar_very_large: float = 5.0


GOALS = {
    Kind.LIST: Goals(0.5, min_oscar_very_large=9.0),
    Kind.NUMBER: Goals(0.5, min_oscar_very_large=30.0),
    Kind.NO_MATCH: Goals(0.5, max_growth=2.0),
    Kind.ORDER: Goals(0.5),
    Kind.CHANGE: Goals(0.6, min_oscar=3.5, min_oscar_very_large=3.5),
}


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
        return (quantiles(self.seconds, n=20)[-1] if len(self.seconds) > 1 else self.seconds[0]) * MILLISECONDS


@dataclass
class Row:
    """One task and its measurements; `before` is None without an earlier build, `oscar` if it has no equivalent."""

    name: str
    kind: Kind
    ours: Figures = field(default_factory=Figures)
    baseline: Figures = field(default_factory=Figures)
    before: Figures | None = None
    oscar: Figures | None = None


def conditions(rounds: int, load: float, settings: dict[str, str] | None = None) -> str:
    """How it was measured, with PostgreSQL's settings if they matter."""
    cores = len(os.sched_getaffinity(0))
    sentence = f"{rounds} rounds on {cores} cores; the load before them was {load:.1f}."
    values = ", ".join(f"`{name}` {value}" for name, value in (settings or {}).items())
    return f"{sentence} PostgreSQL: {values}." if values else sentence


def side_by_side(orders: int, rows: list[Row]) -> str:
    heads = ["Request", *OUR_COLUMNS, "ours / baseline"]
    columns = [_our_cells]
    if any(row.before for row in rows):
        heads, columns = [*heads, *BEFORE_COLUMNS], [*columns, _before_cells]
    if any(row.oscar for row in rows):
        heads, columns = [*heads, *OSCAR_COLUMNS], [*columns, _oscar_cells]
    lines = [[cell for cells in columns for cell in cells(row, orders)] for row in rows]
    return _table(f"{orders:,} orders".replace(",", " "), heads, lines)


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


def _our_cells(row: Row, orders: int) -> list[str]:
    ours, ratio = row.ours, row.ours.p50 / row.baseline.p50
    times = [f"{row.baseline.p50:.2f}", f"{ours.p50:.1f}", f"{ours.p95:.1f}"]
    counts = [str(ours.statements), str(ours.size), str(ours.gzipped)]
    return [row.name, *times, *counts, _marked(ratio, ratio <= MAX_TO_BASELINE)]


def _before_cells(row: Row, orders: int) -> list[str]:
    before = row.before
    if before is None:
        return [""] * len(BEFORE_COLUMNS)
    ratio = row.ours.p50 / before.p50
    return [f"{before.p50:.1f}", f"{before.p95:.1f}", _marked(ratio, ratio <= GOALS[row.kind].max_to_before)]


def _oscar_cells(row: Row, orders: int) -> list[str]:
    oscar = row.oscar
    if oscar is None:
        return [""] * len(OSCAR_COLUMNS)
    cells = [f"{oscar.p50:.1f}", f"{oscar.p95:.1f}", str(oscar.statements), str(oscar.size)]
    return [*cells, _oscar_ratio(oscar.p50 / row.ours.p50, GOALS[row.kind], orders)]


def _oscar_ratio(ratio: float, goals: Goals, orders: int) -> str:
    if orders < LARGE_SHOP:
        return f"{ratio:.1f}"
    return _marked(ratio, ratio >= (goals.min_oscar if orders < VERY_LARGE_SHOP else goals.min_oscar_very_large))


def _growth_ratios(first: Row, rest: list[Row]) -> list[str]:
    ratios = [row.ours.p50 / first.ours.p50 for row in rest]
    return [_marked(ratio, ratio <= GOALS[first.kind].max_growth) for ratio in ratios]


def _marked(ratio: float, is_met: bool) -> str:
    return f"{ratio:.2f} {MET if is_met else MISSED}"
