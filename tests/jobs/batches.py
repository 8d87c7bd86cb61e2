"""Batches of orders, and a worker that carries them out."""

from collections.abc import Mapping
from threading import Event
from typing import Any

from sqlalchemy import select

from tests.factories import make_user
from webshop_orders.db.extensions import db
from webshop_orders.jobs.batches import carry_out_batches
from webshop_orders.models import Actor, Batch, BatchAction, BatchOrder, Order
from webshop_orders.operations.batches import running, selection
from webshop_orders.transactions.unit_of_work import writing


def make_staff(name: str) -> Actor:
    user = make_user(f"{name.lower()}@shop.example", name=name)
    return user.actor


def make_batch(orders: list[Order], by: Actor, data: Mapping[str, dict[str, Any]] | None = None) -> Batch:
    with writing():
        return selection.create([order.number for order in orders], by=by, data=data)


def start(batch: Batch, action: BatchAction, options: dict[str, Any] | None = None, **how: Any) -> None:
    how.setdefault("by", batch.actor)
    with writing():
        running.start(selection.lock(batch.id), action, options or {}, **how)


def work() -> int:
    """What a worker does until nothing is due; returns for how many orders."""
    done, stop = 0, Event()
    while count := carry_out_batches(stop):
        done += count
    db.session.rollback()
    db.session.expire_all()
    return done


def carry_out(batch: Batch, action: BatchAction, options: dict[str, Any] | None = None, **how: Any) -> list[BatchOrder]:
    start(batch, action, options, **how)
    work()
    return rows(batch)


def rows(batch: Batch) -> list[BatchOrder]:
    db.session.rollback()
    of_batch = select(BatchOrder).where(BatchOrder.batch_id == batch.id).order_by(BatchOrder.position)
    return list(db.session.scalars(of_batch.execution_options(populate_existing=True)))
