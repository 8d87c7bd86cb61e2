"""A table as it was read from a file or a paste, whatever its format."""

from dataclasses import dataclass, field

from webshop_orders.models import CellNote, ColumnRole


@dataclass(frozen=True)
class TableRow:
    """The texts of a row's cells; `number` is that of the row in the file, and `notes` are by the column."""

    number: int
    cells: list[str]
    notes: dict[int, CellNote] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """The rows below the headings, which are empty where a table has none, and what the headings say of the columns."""

    headings: list[str]
    rows: list[TableRow]
    columns: dict[ColumnRole, int]
    sheet: str | None = None

    @property
    def width(self) -> int:
        return max([len(self.headings), *(len(row.cells) for row in self.rows)], default=0)
