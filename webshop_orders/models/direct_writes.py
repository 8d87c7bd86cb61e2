"""Rows that are written without SQLAlchemy's unit of work, in one statement a table, however many there are.

The unit of work arranges all tables, relationships and rows of a flush anew, which takes longer than most changes of an
order take otherwise. It is left out where there is nothing to arrange: for rows of which only columns changed, and for
rows that are only ever added.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Insert, Update, bindparam, event, insert, inspect, update
from sqlalchemy.orm import InstanceState, Session, attributes
from sqlalchemy.orm.exc import StaleDataError

Changes = dict[Any, set[str]]  # the names of the attributes of each row that have another value than the stored one


@event.listens_for(Session, "before_flush")
def write_directly(session: Session, *ignored: Any) -> None:
    """Write the session's rows of models with `__batched_columns__` or `__is_only_added__`.

    All changed rows of a table write the same columns, `__batched_columns__` at least: those that a change of many rows
    changes in some of them only. Rows with other changes, as of a relationship, are left to the unit of work.
    """
    added, changed = _added(session), _changed(session)
    if not added and not changed:
        return
    connection = session.connection()
    for model, rows in added.items():
        # A statement has the columns of its first row, and the defaults of the others.
        for _columns, alike in groupby(map(_columns_of, rows), dict.keys):
            connection.execute(_insert(model), list(alike))
        for row in rows:
            session.expunge(row)
    for model in sorted(changed, key=lambda model: str(model.__tablename__)):
        _write_changes(connection, model, changed[model])
        _note_as_written(session, changed[model])


def _added(session: Session) -> dict[Any, list[Any]]:
    added = defaultdict(list)
    for row in session.new:
        if getattr(row, "__is_only_added__", False):
            added[type(row)].append(row)
    return added


def _changed(session: Session) -> dict[Any, Changes]:
    """The changed rows that are written directly; those that are not write the same columns nevertheless."""
    changed: dict[Any, Changes] = defaultdict(dict)
    for row in session.dirty:
        model: Any = type(row)
        changes = _changes(row)
        if not changes or not hasattr(model, "__batched_columns__"):
            continue
        if changes <= _plain_columns(model):
            changed[model][row] = changes
        else:
            for column in set(model.__batched_columns__) & vars(row).keys():
                attributes.flag_modified(row, column)
    return changed


def _changes(row: Any) -> set[str]:
    values, stored = vars(row), _state(row).committed_state
    return {name for name, value in stored.items() if name not in values or values[name] != value}


@cache
def _plain_columns(model: Any) -> frozenset[str]:
    """The attributes that are one column each, and nothing else that would have to follow a change of it."""
    mapper = inspect(model)
    composite = {column.key for part in mapper.composites for column in part.props}
    return frozenset(mapper.local_table.columns.keys()) - composite - {"id"}


def _write_changes(connection: Connection, model: Any, changed: Changes) -> None:
    """Raises StaleDataError where a row is there no longer, as the unit of work does."""
    columns = set(model.__batched_columns__).union(*changed.values())
    rows = [
        {"row_id": row.id, **{column: getattr(row, column) for column in columns}}
        for row in sorted(changed, key=lambda row: int(row.id))
    ]
    written = connection.execute(_update(model), rows)
    if written.rowcount != len(rows):
        raise StaleDataError(
            f"{written.rowcount} of {len(rows)} rows of {model.__tablename__} were there to be changed"
        )


def _note_as_written(session: Session, rows: Iterable[Any]) -> None:
    """Do as the unit of work does after a flush; SQLAlchemy has no public function for that."""
    states = [_state(row) for row in rows]
    session._register_altered(states)
    for state in states:
        state._commit_all(state.dict, session.identity_map)


def _columns_of(row: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name != "_sa_instance_state"}


def _state(row: Any) -> InstanceState[Any]:
    return attributes.instance_state(row)


@cache
def _insert(model: Any) -> Insert:
    return insert(inspect(model).local_table).inline()  # which does not ask for the ids


@cache
def _update(model: Any) -> Update:
    table = inspect(model).local_table
    return update(table).where(table.c.id == bindparam("row_id"))
