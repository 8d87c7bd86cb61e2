"""Changed rows of one table are written in one statement, however many there are."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, attributes


@event.listens_for(Session, "before_flush")
def batch_updates(session: Session, *ignored: Any) -> None:
    """Make all changed rows of a table write the same columns, those in `__batched_columns__` at least.

    The ORM writes only changed columns, and needs a new statement wherever the set of columns differs between two
    rows, so that an order of 60 lines could cost 60 statements.
    """
    for entity in session.dirty:
        if session.is_modified(entity, include_collections=False):
            for column in set(getattr(entity, "__batched_columns__", ())) & set(vars(entity)):
                attributes.flag_modified(entity, column)
