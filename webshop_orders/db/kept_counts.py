"""Counts that are kept as rows which triggers add with each change, and that are added up when they are read."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import delete, func, or_, select, tuple_

from webshop_orders.db.extensions import Base, db


def compact(model: type[Base], keys: tuple[str, ...]) -> None:
    """Replace the rows of each key by one with their sum, or none where that is 0; rows added meanwhile stay.

    So of the hours there ever were, those are left that count something.
    """
    columns, number = [getattr(model, name) for name in keys], getattr(model, "count")  # noqa: B009 - no model by itself
    compactable = or_(func.count() > 1, func.sum(number) == 0)
    several = select(*columns).group_by(*columns).having(compactable)
    added_up = delete(model).where(tuple_(*columns).in_(several)).returning(*columns, number)
    sums: Counter[Any] = Counter()
    for *key, count in db.session.execute(added_up, execution_options={"synchronize_session": False}):
        sums[tuple(key)] += count
    kept = ((key, count) for key, count in sums.items() if count)
    db.session.add_all(model(**dict(zip(keys, key, strict=True)), count=count) for key, count in kept)
