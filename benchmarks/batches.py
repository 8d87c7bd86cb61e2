"""Five thousand selected orders shipped as one batch: how soon the click is answered, the rate of the job, its memory.

    python -m benchmarks.batches [ORDERS]

On SQLite and on PostgreSQL, by one worker and by two. Then a fifth as many orders get a tracking code each and are
shipped, as a file of codes has it. Each order has three lines and gets its mail. Memory is the workers' resident set
size in MB after a tenth, a half and all of the orders. The time for the last tenth is compared with that for the first,
and the time to make and start the batch is given beside that for fifty orders.
"""

import multiprocessing
import sys
import time
from datetime import UTC, datetime
from threading import Event
from typing import Any

from sqlalchemy import func, select

from benchmarks.outbox import any_alive, databases, resident
from tests.conftest import settings
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine, NewOrder, Payment, Shipping
from webshop_orders.models import (
    Actor,
    ActorKind,
    Address,
    Batch,
    BatchAction,
    BatchOrder,
    BatchOrderState,
    Customer,
    Message,
    MessageKind,
    Order,
    OrderStatus,
    Product,
)
from webshop_orders.operations.batches import running, selection
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.operations.orders import bulk_placement
from webshop_orders.outbox import worker
from webshop_orders.transactions.unit_of_work import writing

PRODUCTS, LINES, PLACED_AT_ONCE, FEW = 50, 3, 500, 50
ANNA = Actor(ActorKind.STAFF, "Anna", user_id=1)
processes = multiprocessing.get_context("spawn")


def main(orders: int) -> None:
    print("| | workers | click ms | of 50 | orders/s | with codes | MB at 10 %, 50 %, 100 % | last tenth / first |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | --- | ---: |")
    for name, url in databases():
        app = create_app(settings(url))
        with app.app_context():
            stock_up(orders)
            for workers in (1, 2):
                print(f"| {name} | {workers} | {measure(url, orders, workers)} |", flush=True)
            db.session.remove()
            db.engine.dispose()


def measure(url: str, orders: int, workers: int) -> str:
    place(FEW)
    click_of_few = ship_all()[1]
    finish(url)
    place(orders)
    batch, click = ship_all()
    rate, memory, ratio = carry_out(url, batch, workers)
    place(orders // 5)
    with_codes = carry_out(url, add_codes(), workers)[0]
    return f"{click:.0f} | {click_of_few:.0f} | {rate:.0f} | {with_codes:.0f} | {memory} | {ratio:.2f}"


def stock_up(orders: int) -> None:
    with writing():
        for number in range(PRODUCTS):
            product = Product(sku=f"P-{number}", name=f"Stearinljus nr {number}", price=19_900, stock=100 * orders)
            product.currency, product.vat_rate = "SEK", 2500
            db.session.add(product)


def place(orders: int) -> None:
    first = db.session.scalar(select(func.count(Order.id))) or 0
    for start in range(first, first + orders, PLACED_AT_ONCE):
        news = [new_order(place) for place in range(start, min(start + PLACED_AT_ONCE, first + orders))]
        with writing():
            assert len(bulk_placement.place_imported(news, by=ANNA).placed) == len(news)


def new_order(place: int) -> NewOrder:
    address = Address(name="Åsa Öberg", street="Storgatan 1", postal_code="972 31", city="Luleå", country="SE")
    lines = [
        NewLine(
            sku=f"P-{(place + line) % PRODUCTS}",
            name=f"Stearinljus nr {(place + line) % PRODUCTS}",
            quantity=1 + line,
            unit_price=19_900,
            vat_rate=2500,
        )
        for line in range(LINES)
    ]
    return NewOrder(
        external_reference=f"wc-{place}",
        placed_at=datetime(2026, 11, 29, tzinfo=UTC),
        currency="SEK",
        customer=Customer(name="Åsa Öberg", email=f"kund-{place}@example.com"),
        billing_address=address,
        shipping_address=address,
        payment=Payment("invoice"),
        shipping=Shipping(method="PostNord", price=4_900, vat_rate=2500),
        lines=lines,
    )


def ship_all() -> tuple[Batch, float]:
    """Select all that can be shipped and start; the milliseconds that both take."""
    started = time.perf_counter()
    with writing():
        batch = selection.create(OrderFilter(status=OrderStatus.READY), by=ANNA)
        running.start(batch, BatchAction.SHIP, {"agreed": ["no-code"]}, by=ANNA)
    return batch, (time.perf_counter() - started) * 1000


def add_codes() -> Batch:
    """A batch as a file of tracking codes makes it."""
    numbers = db.session.scalars(select(Order.number).where(Order.status == OrderStatus.READY)).all()
    data: dict[str, dict[str, Any]] = {
        number: {
            "shipments": [
                {
                    "reference": f"{number}-1",
                    "codes": [{"code": f"RR{place:09d}SE", "carrier": "PostNord"}],
                    "ship": True,
                }
            ]
        }
        for place, number in enumerate(numbers)
    }
    with writing():
        batch = selection.create(numbers, by=ANNA, data=data)
        running.start(batch, BatchAction.ADD_TRACKING, {}, by=ANNA)
    return batch


def carry_out(url: str, batch: Batch, workers: int) -> tuple[float, str, float]:
    orders = running.progress(batch).total
    mails = count_mails()
    crew = [processes.Process(target=work, args=(url,), daemon=True) for _ in range(workers)]
    for process in crew:
        process.start()
    marks: list[float] = []
    memory: list[float] = []
    for tenth in range(11):
        while done(batch) < orders * tenth // 10 + (tenth == 0):
            time.sleep(0.2)
        marks.append(time.monotonic())
        if tenth in {1, 5, 10}:
            memory.append(max(resident(process.pid) for process in crew) if any_alive(crew) else memory[-1])
    for process in crew:
        process.kill()
        process.join()
    assert (running.progress(batch).done, count_mails() - mails) == (orders, orders), running.progress(batch)
    rate = (orders - 1) / (marks[-1] - marks[0])
    ratio = (marks[10] - marks[9]) / (marks[1] - marks[0])
    return rate, ", ".join(f"{megabytes:.0f}" for megabytes in memory), ratio


def work(url: str) -> None:
    """A worker with all its jobs; there is no mail server, so the mails stay in the outbox."""
    worker.run(create_app(settings(url)), Event())


def finish(url: str) -> None:
    worker.run(create_app(settings(url)), Event(), once=True)


def done(batch: Batch) -> int:
    db.session.rollback()
    is_done = (BatchOrder.batch_id == batch.id, BatchOrder.state == BatchOrderState.DONE)
    return db.session.scalar(select(func.count()).where(*is_done)) or 0


def count_mails() -> int:
    db.session.rollback()
    is_delivery = Message.kind == MessageKind.DELIVERY_CONFIRMATION
    return db.session.scalar(select(func.count()).where(is_delivery)) or 0


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
