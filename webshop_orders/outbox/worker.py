"""The worker: delivers what is due, again and again, whatever happens to the database or the mail server."""

import logging
from threading import Event
from time import monotonic

from flask import Flask, current_app
from sqlalchemy import select

from webshop_orders import shop_settings
from webshop_orders.extensions import db
from webshop_orders.models import Product
from webshop_orders.operations import backorders
from webshop_orders.outbox import claims
from webshop_orders.outbox.delivery import deliver_batch
from webshop_orders.unit_of_work import writing

IDLE_SECONDS = 2
LONGEST_BACK_OFF = 60
SWEEP_SECONDS = 60
MOST_PRODUCTS = 100
logger = logging.getLogger(__name__)


def run(app: Flask, stop: Event, *, once: bool = False) -> int:
    """Deliver until told to stop, or with `once` until nothing is due; gives how many deliveries were tried.

    Errors are logged and waited out; with `once` they are raised.
    """
    tried, failures, next_sweep = 0, 0, 0.0
    while not stop.is_set():
        try:
            with app.app_context():
                shop_settings.current()  # answers are noted in the shop's language
                if monotonic() >= next_sweep:
                    next_sweep = monotonic() + SWEEP_SECONDS
                    sweep()
                count = deliver_batch(stop)
        except Exception as error:
            if once:
                raise
            failures += 1
            logger.error("the worker could not go on and will try again: %s", error)
            stop.wait(min(2**failures, LONGEST_BACK_OFF))
            continue
        tried, failures = tried + count, 0
        if not count:
            if once:
                break
            stop.wait(IDLE_SECONDS)
    return tried


def sweep() -> None:
    """Mend once a minute what no change and no delivery does by itself."""
    cover_backorders()
    if current_app.config["MAIL_SERVER"]:
        claims.let_go_of_held()


def cover_backorders() -> None:
    """Cover what waits for products that have units free, should a change have been cut off before it did so."""
    margin = shop_settings.current().stock_safety_margin
    free = Product.stock - margin - Product.reserved > 0
    waiting = select(Product.id).where(Product.backordered > 0, free).order_by(Product.id).limit(MOST_PRODUCTS)
    product_ids = list(db.session.scalars(waiting))
    db.session.rollback()
    if product_ids:
        with writing():
            backorders.cover(product_ids)
