"""The shop Ljus & Linne: its settings, people, catalogue and orders."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.demo.backdating import dating
from webshop_orders.demo.catalogue import make_products
from webshop_orders.demo.mail_outcomes import deliver
from webshop_orders.demo.scenario_orders import ANNA, BO, carry_out
from webshop_orders.demo.scenarios import Series, Shelf, make_plan
from webshop_orders.models import Order, Role, User
from webshop_orders.operations.stock import products, reservations
from webshop_orders.transactions.unit_of_work import writing

ORDERS = 300
MAILED = 25  # of these, the latest, whose confirmations are in the outbox
PEOPLE = [
    ("anna@example.com", ANNA.name, Role.ADMIN),
    ("bo@example.com", BO.name, Role.STAFF),
    ("lars@example.com", "Lars Ek", Role.WAREHOUSE),
    ("vera@example.com", "Vera Sjögren", Role.VIEWER),
]


def is_filled() -> bool:
    """Whether there are orders, from the demo or from life."""
    return db.session.scalar(select(Order.id).limit(1)) is not None


def fill(today: date) -> None:
    """Make the whole shop in one transaction, as it stands on the morning of a day."""
    series = Series(count=ORDERS, today=today)
    with writing():
        _open_shop()
        _place(series, range(ORDERS - MAILED), mails=False)
        _place(series, range(ORDERS - MAILED, ORDERS), mails=True)
        deliver()


def sign_in_as() -> User:
    """An administrator of the shop; one is made where there is none."""
    admins = select(User).where(User.role == Role.ADMIN, User.active).order_by(User.id)
    admin = db.session.scalars(admins.limit(1)).first()
    if admin is None:
        email, name, role = PEOPLE[0]
        with writing():
            admin = User(email=email, name=name, role=role)
            db.session.add(admin)
    return admin


def _open_shop() -> None:
    shop = shop_settings.for_update()
    shop.name = shop.sender_name = "Ljus & Linne"
    shop.sender_email = "order@example.se"
    db.session.add_all(User(email=email, name=name, role=role) for email, name, role in PEOPLE)
    db.session.add_all(make_products())
    db.session.flush()


def _place(series: Series, indices: Iterable[int], *, mails: bool) -> None:
    shop_settings.lock_number_series()
    catalogue = make_products()
    there = products.by_sku(product.sku for product in catalogue)
    reservations.lock(there.values())
    shop, shelf = shop_settings.current(), Shelf.of(catalogue)
    with dating() as clock:
        for index in indices:
            plan = make_plan(index, series, shelf, rounds=shop.rounds_to_whole_kronor, mails=mails)
            carry_out(plan, there, clock)
