"""Counts that are kept as rows which triggers add with each change, and that are added up when they are read."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import delete, func, select, tuple_

from webshop_orders.db.extensions import Base, db


def compact(model: type[Base], keys: tuple[str, ...]) -> None:
    """Replace the rows of each key that has several by one with their sum; rows added at the same time stay."""
    columns = [getattr(model, name) for name in keys]
    several = select(*columns).group_by(*columns).having(func.count() > 1)
    added_up = delete(model).where(tuple_(*columns).in_(several)).returning(*columns, getattr(model, "count"))  # noqa: B009
    sums: Counter[Any] = Counter()
    for *key, count in db.session.execute(added_up, execution_options={"synchronize_session": False}):
        sums[tuple(key)] += count
    db.session.add_all(model(**dict(zip(keys, key, strict=True)), count=count) for key, count in sums.items())
