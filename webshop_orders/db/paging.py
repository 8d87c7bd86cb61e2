"""Lists that are read a page at a time, the latest first; the cursor is the id of the last row on the page before."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, bindparam

PAGE = 50

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])
Item = TypeVar("Item")


def limit_to_page(query: Query, row_id: Any, before: int | None) -> Query:
    """The query of the page after the cursor `before`, and of one row more, which says whether another page follows."""
    if before is not None:
        query = query.where(row_id < before)
    return query.order_by(row_id.desc()).limit(PAGE + 1)


class PagedQuery(Generic[Query]):
    """A list whose query is built once, since it differs only by its parameters."""

    def __init__(self, query: Query, row_id: Any) -> None:
        self._latest = limit_to_page(query, row_id, None)
        self._earlier = self._latest.where(row_id < bindparam("before"))

    def page(self, before: int | None, **parameters: Any) -> tuple[Query, dict[str, Any]]:
        """The query of the page after the cursor `before`, as by `limit_to_page`, and its parameters."""
        query = self._latest if before is None else self._earlier
        return query, {"before": before, **parameters}


def split_page(rows: Sequence[Item], id_of: Callable[[Item], int]) -> tuple[list[Item], int | None]:
    """The rows of the page, and the cursor of the page that follows; None on the last one."""
    page = list(rows[:PAGE])
    return page, id_of(page[-1]) if len(rows) > PAGE else None
