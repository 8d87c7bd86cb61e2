"""Lists that are read a page at a time, the latest first; the cursor is the id of the last row on the page before."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Select

PAGE = 50

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])
Item = TypeVar("Item")


def limit_to_page(query: Query, row_id: Any, before: int | None) -> Query:
    """The query of the page after the cursor `before`, and of one row more, which says whether another page follows."""
    if before is not None:
        query = query.where(row_id < before)
    return query.order_by(row_id.desc()).limit(PAGE + 1)


def split_page(rows: Sequence[Item], id_of: Callable[[Item], int]) -> tuple[list[Item], int | None]:
    """The rows of the page, and the cursor of the page that follows; None on the last one."""
    page = list(rows[:PAGE])
    return page, id_of(page[-1]) if len(rows) > PAGE else None
