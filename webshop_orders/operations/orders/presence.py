"""Who else has an order open, and what of it they are editing: kept for a minute after their page was last heard of."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.plain_rows import NestedRows
from webshop_orders.models import Event, Line, Order, Place, Presence, Shipment, User
from webshop_orders.models.presence import PRESENCE

ORDERS, PRESENCES, USERS = Order.__table__, Presence.__table__.c, User.__table__.c
EVENTS, LINES, SHIPMENTS = Event.__table__.c, Line.__table__.c, Shipment.__table__.c
TABLE: Any = Presence.__table__  # of which an insert is built without the ORM
UPDATED = ("place", "place_id", "seen_at")


@dataclass(frozen=True)
class Present:
    """A user who has an order open. `place_name` is the name of the line, or the number of the shipment."""

    user_id: int
    name: str
    place: Place | None
    place_name: str | None
    seen_at: datetime


@dataclass(frozen=True)
class Surroundings:
    """The others who have an order open, and who made its latest version where that is newer than the page."""

    present: list[Present]
    changed_by: str | None
    changed_by_user_id: int | None


def _upsert(statement: postgresql.Insert | sqlite.Insert) -> Insert:
    names = ["order_id", "user_id", *UPDATED]
    values = [bindparam(f"new_{name}", type_=PRESENCES[name].type) for name in names[1:]]
    row = select(ORDERS.c.id, *values).where(ORDERS.c.number == bindparam("number"))
    return statement.from_select(names, row).on_conflict_do_update(
        index_elements=["order_id", "user_id"], set_={name: statement.excluded[name] for name in UPDATED}
    )


# Built once, since each open page executes it every 15 seconds.
UPSERTS = {
    "postgresql": _upsert(postgresql.insert(TABLE)),
    "sqlite": _upsert(sqlite.insert(TABLE)),
}


def enter(number: str, user_id: int, place: Place | None = None, place_id: int | None = None) -> None:
    """Note that a user has an order open now; nothing where there is no such order."""
    values = {"user_id": user_id, "place": place, "place_id": place_id, "seen_at": now()}
    parameters = {"number": number, **{f"new_{name}": value for name, value in values.items()}}
    db.session.execute(UPSERTS[db.engine.dialect.name], parameters)


def around(number: str, user_id: int, version: int) -> Surroundings | None:
    """What a user whose page shows this version of an order is told of others; None where there is no such order."""
    others = (
        select(PRESENCES.user_id, USERS.name, PRESENCES.place, PRESENCES.place_id, PRESENCES.seen_at, LINES.name)
        .join(User.__table__, USERS.id == PRESENCES.user_id)
        .outerjoin(Line.__table__, (PRESENCES.place == Place.LINE) & (LINES.id == PRESENCES.place_id))
        .outerjoin(Shipment.__table__, (SHIPMENTS.id == LINES.shipment_id) & (SHIPMENTS.order_id == PRESENCES.order_id))
        .add_columns(SHIPMENTS.id)
        .where(PRESENCES.order_id == ORDERS.c.id, PRESENCES.user_id != user_id, PRESENCES.seen_at >= now() - PRESENCE)
    )
    nested = NestedRows(others, ORDERS)
    latest = (
        select(EVENTS.id)
        .where(EVENTS.order_id == ORDERS.c.id, EVENTS.version == ORDERS.c.version, ORDERS.c.version > version)
        .order_by(EVENTS.id)
        .limit(1)
        .correlate(ORDERS)
        .scalar_subquery()
    )
    statement = (
        select(nested.column, EVENTS.actor_name, EVENTS.user_id)
        .select_from(ORDERS.outerjoin(Event.__table__, EVENTS.id == latest))
        .where(ORDERS.c.number == number)
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        return None
    return Surroundings([_present(values) for values in nested.read(row[0])], row[1], row[2])


def _present(values: list[object]) -> Present:
    user_id, name, place, place_id, seen_at, line_name, shipment_id = values
    place_name = str(place_id) if place is Place.SHIPMENT else line_name if shipment_id is not None else None
    return Present(user_id, name, place, place_name, seen_at)  # type: ignore[arg-type]


def of_orders(order_ids: Collection[int], user_id: int) -> dict[int, list[str]]:
    """The names of the others who have each of these orders open, by its id."""
    statement = (
        select(PRESENCES.order_id, USERS.name)
        .join(User.__table__, USERS.id == PRESENCES.user_id)
        .where(PRESENCES.order_id.in_(order_ids))
        .where(PRESENCES.user_id != user_id, PRESENCES.seen_at >= now() - PRESENCE)
        .order_by(PRESENCES.order_id, USERS.name)
    )
    names: dict[int, list[str]] = {}
    for order_id, name in db.session.execute(statement):
        names.setdefault(order_id, []).append(name)
    return names


def forget() -> None:
    """Delete who was present more than a minute ago."""
    db.session.execute(delete(Presence).where(Presence.seen_at < now() - PRESENCE))
