"""An ERP and a shipping system, as in `examples`, against the server as it runs: nothing is lost, nothing is double."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from examples.erp_simulator import Erp
from examples.shipping_simulator import Shipping
from tests.api.conftest import ADMIN, new_key
from tests.cli.environment import environ
from tests.outbox.servers import free_port
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import (
    Event,
    EventKind,
    Message,
    MessageKind,
    MessageState,
    Order,
    Product,
    Shipment,
    Webhook,
    WebhookEvent,
    WebhookMessage,
)
from webshop_orders.operations.orders.loading import COMPLETE_ORDERS
from webshop_orders.operations.stock import backorders
from webshop_orders.operations.webhooks import subscriptions as webhooks
from webshop_orders.transactions.unit_of_work import writing

pytestmark = [pytest.mark.own_app, pytest.mark.skipif(sys.platform == "win32", reason="ends the server by SIGTERM")]

TOLD_OF = (WebhookEvent.SHIPMENT_READY, WebhookEvent.ORDER_CHANGED, WebhookEvent.ORDER_CANCELLED)
PATIENCE = 240


def test_both_sides_agree_after_a_day_of_orders(app: Flask, database: str, tmp_path: Path) -> None:
    see_that_they_agree(app, database, tmp_path, orders=60, seed=1, trouble_every=30)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [2, 3])
def test_both_sides_agree_after_500_orders(app: Flask, database: str, tmp_path: Path, seed: int) -> None:
    see_that_they_agree(app, database, tmp_path, orders=500, seed=seed)


def see_that_they_agree(
    app: Flask, database: str, folder: Path, *, orders: int, seed: int, trouble_every: int = 60
) -> None:
    key, port = new_key(), free_port()
    app.config["WEBHOOKS_TO_PRIVATE"] = True
    with writing():
        secret = webhooks.add(f"http://127.0.0.1:{port}/", TOLD_OF, by=ADMIN).secret
    began = time.monotonic()
    with (
        serving(database, folder) as address,
        Shipping(address, key, secret, port=port, seed=seed, trouble_every=trouble_every) as shipping,
        minutes_passing(app),
    ):
        erp = Erp(address, key, orders, seed)
        told = erp.run(lambda: is_quiet(shipping) or time.monotonic() - began > PATIENCE)
        assert is_quiet(shipping), (shipping.summary()["notes"], undelivered())
        assert post_forged(port) == 401
    seconds = time.monotonic() - began
    parcels = shipping.summary()
    print(f"{orders} orders, {seconds:.0f} s: ERP {told['notes']} {told['answers']}, shipping {parcels['notes']}")
    db.session.rollback()
    compare_orders(told, orders)
    compare_shipments(told, parcels["parcels"])
    compare_webhooks(shipping)
    compare_stock(told["levels"])
    see_that_it_was_hard({**told["notes"], **told["answers"]}, parcels["notes"])


@contextmanager
def serving(database: str, folder: Path) -> Iterator[str]:
    """The server with its worker; it is for the others to wait until it answers. Its log must hold no traceback."""
    port, log = free_port(), folder / "serve.log"
    settings = {
        "DATABASE_URL": database,
        "INSTANCE": str(folder),
        "API_REQUESTS_PER_MINUTE": "1000000",
        "WEBHOOKS_TO_PRIVATE": "true",
    }
    command = [sys.executable, "-m", "webshop_orders", "serve", "--workers", "2", "--port", str(port)]
    with log.open("w") as file:
        process = subprocess.Popen(command, cwd=folder, env=environ(**settings), stdout=file, stderr=file)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.wait(30)
    assert "Traceback" not in log.read_text(), log.read_text()[-5000:]


@contextmanager
def minutes_passing(app: Flask) -> Iterator[None]:
    """Time goes faster for webhooks that were not taken: what waits a minute to be told again waits half a second."""
    ended = Flag()

    def pass_by() -> None:
        with app.app_context():
            while not ended.wait(0.5):
                retrying = WebhookMessage.state == MessageState.RETRYING
                with writing():
                    db.session.execute(update(WebhookMessage).where(retrying).values(due_at=now()))
                    db.session.execute(update(Webhook).values(paused_until=None))

    thread = Thread(target=pass_by)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def is_quiet(shipping: Shipping) -> bool:
    """Whether nothing more happens by itself; looked at twice, since one thing leads to another."""
    for _time in range(2):
        db.session.rollback()
        if backorders.find_next_to_cover() is not None or undelivered() or not shipping.is_idle():
            return False
    return True


def undelivered() -> int:
    return db.session.scalar(select(func.count()).where(WebhookMessage.due_at.is_not(None))) or 0


def post_forged(port: int) -> int:
    """The answer of the shipping system to a webhook that is signed by nobody who knows its secret."""
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,AAAA"}
    try:
        with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/", b"{}", headers)) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def compare_orders(told: dict[str, Any], count: int) -> None:
    """Each order that was sent is there once, and the ERP's ledger says of it what the desk does."""
    orders = everything()
    assert len(orders) == count
    assert {order.external_reference: order.number for order in orders} == told["sent"]
    assert {order.number: as_in_ledger(order) for order in orders} == told["orders"]
    kinds = Counter(db.session.scalars(select(Event.kind)))
    assert kinds[EventKind.ORDER_PLACED] == count
    confirmed = select(Message.order_id).where(Message.kind == MessageKind.ORDER_CONFIRMATION)
    assert Counter(db.session.scalars(confirmed)) == Counter(order.id for order in orders)
    assert not {"placed double", "delivered double"} & set(told["notes"])


def compare_shipments(told: dict[str, Any], parcels: dict[str, Any]) -> None:
    """What left is what the lorry and the parcels took, with their codes, and it left and was mailed of once."""
    lorries = {one["shipment"]: {"units": one["units"], "codes": one["codes"]} for one in told["deliveries"].values()}
    assert len(lorries) == len(told["deliveries"])
    assert not set(lorries) & set(parcels)
    left = {shipment.reference: shipment for order in everything() for shipment in order.shipments if is_gone(shipment)}
    assert {reference: as_told(shipment) for reference, shipment in left.items()} == {**lorries, **parcels}
    once = dict.fromkeys(left, 1)
    shipped = db.session.scalars(select(Event.facts).where(Event.kind == EventKind.SHIPMENT_SHIPPED))
    assert Counter(facts["shipment"] for facts in shipped) == once
    mailed = select(Message.shipment_reference).where(Message.kind == MessageKind.DELIVERY_CONFIRMATION)
    assert Counter(db.session.scalars(mailed)) == once


def compare_webhooks(shipping: Shipping) -> None:
    messages = list(db.session.scalars(select(WebhookMessage)))
    assert Counter(message.state for message in messages) == {MessageState.SENT: len(messages)}
    assert {message.message_id for message in messages} == shipping.received
    assert db.session.scalars(select(Webhook)).one().is_active


def compare_stock(levels: dict[str, int]) -> None:
    """What there was and came in, less what left, is there; and what open lines hold is what is reserved."""
    gone, held, awaited = Counter[str](), Counter[str](), Counter[str]()
    for order in everything():
        for line in order.lines:
            if is_gone(line.shipment):
                gone[line.sku] += line.quantity
            elif line.shipment.is_open:
                held[line.sku] += line.reserved
                awaited[line.sku] += line.quantity - line.reserved
    products = {product.sku: product for product in db.session.scalars(select(Product))}
    assert set(products) == set(levels)
    for sku, product in products.items():
        assert product.stock == levels[sku] - gone[sku], sku
        assert (product.reserved, product.backordered) == (held[sku], awaited[sku]), sku


def see_that_it_was_hard(erp: dict[str, int], shipping: dict[str, int]) -> None:
    """A run in which nothing came twice, late or at once would prove nothing."""
    for name in ("PUT None", "placed 200", "placed 201", "delivery 200", "delivery 201", "cancellation 200"):
        assert erp.get(name), (name, erp)
    for name in ("answered 500", "hung up", "heard again", "forged", "patch 412", "patch 200", "connect 200"):
        assert shipping.get(name), (name, shipping)
    assert db.session.scalar(select(func.count()).where(Event.kind == EventKind.BACKORDER_COVERED))


def everything() -> list[Order]:
    return list(db.session.scalars(COMPLETE_ORDERS).unique())


def is_gone(shipment: Shipment) -> bool:
    return shipment.is_shipped and not shipment.order.is_cancelled


def as_told(shipment: Shipment) -> dict[str, Any]:
    units: Counter[str] = Counter()
    for line in shipment.lines:
        units[line.sku] += line.quantity
    return {"units": dict(units), "codes": sorted(tracking.code for tracking in shipment.tracking_codes)}


def as_in_ledger(order: Order) -> dict[str, Any]:
    left = [as_told(shipment) for shipment in order.shipments if shipment.is_shipped]
    units = sum((Counter(one["units"]) for one in left), Counter[str]())
    return {
        "status": order.status.value,
        "shipped": dict(units),
        "codes": sorted(code for one in left for code in one["codes"]),
    }
