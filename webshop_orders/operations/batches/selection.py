"""Making batches by selecting orders, and finding, naming and closing them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy import Insert, func, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from webshop_orders.clock import now
from webshop_orders.db import paging
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import get_for_update
from webshop_orders.db.parameters import in_parts
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import Actor, Batch, BatchOrder, BatchState, Order
from webshop_orders.operations.order_list import selection as list_selection
from webshop_orders.operations.order_list.filters import OrderFilter

MAX_ORDERS = 20_000
MAX_NAME_LENGTH = 100
TABLE: Any = Batch.__table__
ROWS: Any = BatchOrder.__table__  # written without the ORM, since there may be thousands
ORDERS = ROWS.c
INSERTS = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class ListedBatch(NamedTuple):
    """A batch, and how many orders it has."""

    batch: Batch
    size: int


@dataclass(frozen=True)
class BatchPage:
    """Batches, the latest first; `next_before` is the cursor of the page that follows."""

    batches: list[ListedBatch]
    next_before: int | None


def create(
    selected: Sequence[str] | OrderFilter,
    *,
    by: Actor,
    name: str | None = None,
    data: Mapping[str, dict[str, Any]] | None = None,
) -> Batch:
    """A batch of the orders with these numbers, or of all that match a filter, each once and in this sequence.

    The request with the key of `by` makes one batch, however often it is sent. `data` is what an action needs of an
    order, by its number. Raises RuleViolation for no orders, or more than `MAX_ORDERS`, and NotFound for a number that
    no order has.
    """
    existing = _of_request(by)
    if existing is not None:
        return existing
    if not isinstance(selected, OrderFilter):
        selected = list(dict.fromkeys(selected))
        _check_size(len(selected))
    batch_id = db.session.execute(_insert_batch(by)).scalar()
    if batch_id is None:  # another process has just made it
        return _of_request(by) or _raise_not_found()
    size = _add_matching(batch_id, selected) if isinstance(selected, OrderFilter) else _add(batch_id, selected, data)
    _check_size(size)
    batch = get(batch_id)
    batch.name = name or _("Batch %(number)s", number=batch_id)
    db.session.flush()
    return batch


def get(batch_id: int) -> Batch:
    """A batch; raises NotFound."""
    return db.session.get(Batch, batch_id) or _raise_not_found()


def lock(batch_id: int) -> Batch:
    """A batch, locked to be changed; raises NotFound."""
    return get_for_update(Batch, batch_id) or _raise_not_found()


def recent(before: int | None = None) -> BatchPage:
    """A page of the batches, the latest first, also those that are closed."""
    size = select(func.count()).where(ORDERS.batch_id == Batch.id).correlate(Batch).scalar_subquery()
    rows = db.session.execute(paging.limit_to_page(select(Batch, size), Batch.id, before)).all()
    return BatchPage(*paging.split_page([ListedBatch(*row) for row in rows], lambda listed: listed.batch.id))


def size(batch: Batch) -> int:
    """How many orders a batch has."""
    return db.session.scalar(select(func.count()).where(ORDERS.batch_id == batch.id)) or 0


def find_unknown(numbers: Sequence[str]) -> list[str]:
    """Those of the numbers that no order has, in this sequence."""
    ids = _ids(list(dict.fromkeys(numbers)))
    return [number for number in dict.fromkeys(numbers) if number not in ids]


def rename(batch: Batch, name: str) -> None:
    """Name a locked batch; raises RuleViolation for a name that is empty or too long."""
    name = " ".join(name.split())
    if not name:
        raise RuleViolation(_("Give the batch a name."), field="name")
    if len(name) > MAX_NAME_LENGTH:
        raise RuleViolation(
            _("A name has at most %(most)s characters.", most=format_decimal(MAX_NAME_LENGTH)), field="name"
        )
    batch.name = name


def close(batch: Batch) -> None:
    """Put a locked batch away; raises RuleViolation while orders of it are waiting, NoChange if it is closed."""
    if batch.state is BatchState.RUNNING:
        raise RuleViolation(_("%(name)s is being worked on. Wait until it is done, or stop it.", name=batch.name))
    if batch.closed_at is not None:
        raise NoChange(_("%(name)s is closed already.", name=batch.name))
    batch.closed_at = now()


def reopen(batch: Batch) -> None:
    """Take a locked batch up again; raises NoChange if it is open."""
    if batch.closed_at is None:
        raise NoChange(_("%(name)s is open already.", name=batch.name))
    batch.closed_at = None


def check_open(batch: Batch) -> None:
    """Raise RuleViolation if a batch is closed."""
    if batch.closed_at is not None:
        raise RuleViolation(_("%(name)s is closed. Open it again first.", name=batch.name))


def _raise_not_found() -> Any:
    raise NotFound(_("There is no such batch."))


def _of_request(by: Actor) -> Batch | None:
    if by.request_key is None:
        return None
    return db.session.scalar(select(Batch).where(Batch.request_key == by.request_key))


def _insert_batch(by: Actor) -> Insert:
    """A batch without a name, since the usual one has its id; nothing where the request has made one meanwhile."""
    values: dict[str, Any] = {
        "name": "",
        "options": {},
        "actor_kind": by.kind,
        "actor_name": by.name,
        "user_id": by.user_id,
        "request_key": by.request_key,
    }
    statement: Any = INSERTS[db.engine.dialect.name](TABLE)
    inserted: Insert = (
        statement.values(values).on_conflict_do_nothing(index_elements=["request_key"]).returning(TABLE.c.id)
    )
    return inserted


def _check_size(size: int) -> None:
    if not size:
        raise RuleViolation(_("Choose at least one order."))
    if size > MAX_ORDERS:
        raise RuleViolation(
            _("A batch has at most %(most)s orders. Narrow the list first.", most=format_decimal(MAX_ORDERS))
        )


def _add(batch_id: int, numbers: list[str], data: Mapping[str, dict[str, Any]] | None) -> int:
    ids = _ids(numbers)
    missing = [number for number in numbers if number not in ids]
    if missing:
        raise NotFound(_("There is no order %(number)s.", number=missing[0]))
    rows = [
        {
            "batch_id": batch_id,
            "order_id": ids[number],
            "position": position,
            "data": (data or {}).get(number),
            "boxes": {},
        }
        for position, number in enumerate(numbers, start=1)
    ]
    db.session.execute(insert(ROWS), rows)
    return len(rows)


def _ids(numbers: list[str]) -> dict[str, int]:
    """The ids of the orders with these numbers, where there are such."""
    ids: dict[str, int] = {}
    for some in in_parts(numbers):
        rows = db.session.execute(select(Order.number, Order.id).where(Order.number.in_(some)))
        ids.update((row.number, row.id) for row in rows)
    return ids


def _add_matching(batch_id: int, order_filter: OrderFilter) -> int:
    """Add the orders without reading them; one more than `MAX_ORDERS` where there are too many."""
    added = 0
    for query, parameters in list_selection.queries(order_filter, MAX_ORDERS + 1):
        rows = query.add_columns(literal(batch_id, type_=ORDERS.batch_id.type))
        statement = insert(ROWS).from_select(["order_id", "position", "batch_id"], rows)
        statement = statement.execution_options(preserve_rowcount=True)
        added += db.session.connection().execute(statement, parameters).rowcount
    return added
