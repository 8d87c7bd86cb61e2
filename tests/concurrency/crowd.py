"""Many users at once, each with an application and database connections of their own."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from sqlalchemy import select

from tests.conftest import settings
from tests.operations.steps import assert_stock_follows_from_movements
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.errors import DomainError
from webshop_orders.models import Actor, ActorKind, DeliveryStatus, Line, Order, Product, Shipment

DEADLOCK = "40P01"
TIMEOUT = 60  # seconds until a deadlock between threads is a failure instead of a hang


def person(number: int) -> Actor:
    return Actor(ActorKind.STAFF, f"Person {number}")


def answer_to(change: Callable[[], object]) -> str:
    """The outcome of a change: `done`, the name of the exception, or `deadlock`."""
    try:
        change()
    except DomainError as refusal:
        return "deadlock" if _was_deadlock(refusal) else type(refusal).__name__
    return "done"


def assert_only(answers: Counter[str], *expected: str, attempts: int) -> None:
    """All attempts had an expected outcome, but for a few that waited more than five seconds for a lock."""
    assert answers.total() == attempts
    assert set(answers) <= {*expected, "Busy"}
    assert answers["Busy"] <= attempts // 20


def _was_deadlock(refusal: DomainError) -> bool:
    cause = getattr(refusal.__cause__, "orig", None)
    return getattr(cause, "sqlstate", None) == DEADLOCK


def all_at_once(url: str, folder: Path, people: int, act: Callable[[int], list[str]]) -> Counter[str]:
    """Run `act` for each person, all starting at the same time, and count the outcomes."""
    apps = [create_app(settings(url, INSTANCE=folder)) for _ in range(people)]
    start = Barrier(people, timeout=TIMEOUT)

    def take_part(number: int) -> list[str]:
        with apps[number].app_context():
            try:
                start.wait()
                return act(number)
            finally:
                db.session.remove()
                db.engine.dispose()

    with ThreadPoolExecutor(people) as threads:
        answers = threads.map(take_part, range(people))
        return Counter(answer for person_answers in answers for answer in person_answers)


def assert_stock_is_consistent() -> None:
    """Rules 4 and 31: the counters of every product are the sums over its open lines, stock covers what is reserved,
    and its movements add up to it."""
    assert_stock_follows_from_movements()
    for product in db.session.scalars(select(Product)).all():
        lines = db.session.scalars(
            select(Line)
            .join(Line.shipment)
            .join(Shipment.order)
            .where(
                Line.product_id == product.id,
                Shipment.status != DeliveryStatus.SHIPPED,
                Order.cancelled_at.is_(None),
            )
        ).all()
        if product.stock is None:
            assert (product.reserved, product.backordered) == (0, 0)
            assert all(line.reserved == line.quantity for line in lines)
            continue
        assert product.reserved == sum(line.reserved for line in lines)
        assert product.backordered == sum(line.quantity - line.reserved for line in lines)
        assert product.reserved <= product.stock
