"""The shop Ljus & Linne: its settings, people, catalogue and orders."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.demo import held_orders, stock_terms
from webshop_orders.demo.backdating import backdating
from webshop_orders.demo.catalogue import make_products
from webshop_orders.demo.incoming_deliveries import make_deliveries
from webshop_orders.demo.mail_outcomes import record_outcomes
from webshop_orders.demo.mishaps import date_what_needs_a_person, make_mishaps
from webshop_orders.demo.refunds import make_refunds
from webshop_orders.demo.returns import make_returns
from webshop_orders.demo.scenario_orders import ANNA, BO, create_order
from webshop_orders.demo.scenarios import DAYS, SWEDEN, ProductPool, Series, make_scenario
from webshop_orders.demo.withdrawals import make_withdrawals
from webshop_orders.models import DispatchChecks, Order, Role, User
from webshop_orders.operations.stock import movements, products, reservations
from webshop_orders.transactions.unit_of_work import writing

ORDERS = 300
MAIL_GRACE_SECONDS = 10  # so that visitors soon see their mails in the inbox
MAILED = 25  # the latest orders, whose confirmations are in the outbox
USERS = [
    ("anna@example.com", ANNA.name, Role.ADMIN),
    ("bo@example.com", BO.name, Role.STAFF),
    ("lars@example.com", "Lars Ek", Role.WAREHOUSE),
    ("vera@example.com", "Vera Sjögren", Role.VIEWER),
]


def is_filled() -> bool:
    """Whether there are any orders, of the demo or real ones."""
    return db.session.scalar(select(Order.id).limit(1)) is not None


def fill(today: date) -> None:
    """Create the shop in one transaction, in its state on the morning of a day."""
    series = Series(count=ORDERS, today=today)
    with writing():
        _create_shop(datetime.combine(today - timedelta(days=DAYS + 1), time(8, 10), tzinfo=SWEDEN))
        _create_orders(series, range(ORDERS - MAILED), send_mails=False)
        _create_orders(series, range(ORDERS - MAILED, ORDERS), send_mails=True)
        held_orders.hold_some(today)
        record_outcomes()
        with backdating() as clock:
            make_returns(clock, datetime.combine(today, time(8, 10), tzinfo=SWEDEN))
            make_refunds(clock, datetime.combine(today, time(8, 10), tzinfo=SWEDEN))
            make_deliveries(clock, today)
            make_mishaps(clock, datetime.combine(today, time(8, 10), tzinfo=SWEDEN))
        stock_terms.set_some(today)
        make_withdrawals(datetime.combine(today, time(8, 10), tzinfo=SWEDEN))
        date_what_needs_a_person(datetime.combine(today, time(8, 10), tzinfo=SWEDEN))


def administrator() -> User:
    """An active administrator of the shop; created if there is none."""
    admins = select(User).where(User.role == Role.ADMIN, User.active).order_by(User.id)
    admin = db.session.scalars(admins.limit(1)).first()
    if admin is None:
        email, name, role = USERS[0]
        with writing():
            admin = User(email=email, name=name, role=role)
            db.session.add(admin)
    return admin


def _create_shop(opened: datetime) -> None:
    shop = shop_settings.for_update()
    shop.name = shop.sender_name = "Ljus & Linne"
    shop.sender_email = "order@example.se"
    shop.mail_grace_seconds = MAIL_GRACE_SECONDS
    shop.dispatch_checks = DispatchChecks(house_number=True, postal_code=True, phone=True, unread_comment=True)
    db.session.add_all(User(email=email, name=name, role=role) for email, name, role in USERS)
    catalogue = make_products()
    db.session.add_all(catalogue)
    db.session.flush()
    with backdating() as clock:
        clock.time = opened
        movements.open_stock(catalogue, by=ANNA)


def _create_orders(series: Series, indices: Iterable[int], *, send_mails: bool) -> None:
    shop_settings.lock_bulk_placement()
    catalogue = make_products()
    existing = products.by_sku(product.sku for product in catalogue)
    reservations.lock(existing.values())
    shop, pool = shop_settings.current(), ProductPool.of(catalogue)
    with backdating() as clock:
        for index in indices:
            scenario = make_scenario(
                index, series, pool, rounds_to_whole_kronor=shop.rounds_to_whole_kronor, send_mails=send_mails
            )
            create_order(scenario, existing, clock)
