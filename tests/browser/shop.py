"""A small shop as the staff of one would know it: an order of each fate, and some to page through."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from tests.conftest import settings
from tests.factories import give_recovery_codes, make_order, make_product, reshape_shop
from tests.shared_app import Compiled
from tests.wsgi_server import WsgiServer
from webshop_orders import create_app, shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import (
    Actor,
    ActorKind,
    Address,
    BatchOrder,
    BatchOrderState,
    CommentKind,
    Customer,
    Disposition,
    Message,
    Order,
    ReturnKind,
    ReturnReason,
    Role,
    User,
)
from webshop_orders.models.event_facts import Document
from webshop_orders.models.presence import Presence
from webshop_orders.operations.after_sales import payments, refunds, returns
from webshop_orders.operations.after_sales.refunds import RequestedRefund
from webshop_orders.operations.after_sales.returns import ReceivedUnits, ReturnedUnits
from webshop_orders.operations.batches import running
from webshop_orders.operations.batches import selection as batches
from webshop_orders.operations.order_list.pages import PAGE_SIZE
from webshop_orders.operations.orders import cancellation, comments, customers, shipments, splits, tracking
from webshop_orders.operations.orders import lines as line_changes
from webshop_orders.operations.printing import printed
from webshop_orders.operations.stock import incoming
from webshop_orders.security import sign_in_links
from webshop_orders.transactions.unit_of_work import editing, writing

PASSWORD = "sju sjösjuka sjömän"
STAFF = {"admin": "Anna Lind", "staff": "Erik Holm", "warehouse": "Lars Ek", "viewer": "Märta Ek"}
WITH_APP = "with app"
APP_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
LONG = "SkeppsbroljusfabriksarbetareföreningenshantverksstearinljusmedveckadmanschettXXL"
REAL_NAMES = {
    "LINNEDUK-150X350-NATUR-BROD": "Linneduk med handbroderad bård, 150 × 350 cm, ofärgat naturlin, tvättas i 60°",
    "VÄGGLJUSSTAKE-MÄSSING-2ARM": "Tvåarmad väggljusstake i borstad mässing med droppskålar, Stockholms Konsthantverk",
    "BLOCKLJUS-STEARIN-70X200": "Blockljus i stearin, brinntid 90 timmar, benvit",
}
PASSED_BY = 30  # orders that no test looks at but in passing
COMPILED = Compiled()
BO = Actor(ActorKind.STAFF, "Bo Ek")


@dataclass(frozen=True)
class Shop:
    """A database with the shop in it, the numbers of its orders by their fate, and a sign-in link for each role and
    for someone with a second factor."""

    database: Path
    numbers: dict[str, str]
    links: dict[str, str]

    @property
    def on_second_page(self) -> int:
        """How many orders do not fit on the first page of the list."""
        return PASSED_BY + len(self.numbers) - PAGE_SIZE


class Desk:
    """An order desk that answers on loopback, with a shop of its own."""

    def __init__(self, app: Flask, shop: Shop) -> None:
        self.shop = shop
        self.app = app
        self._server = WsgiServer(app)
        self.url = self._server.url

    def order(self, fate: str, tab: str = "") -> str:
        """The address of an order, or of one of its tabs."""
        return f"{self.url}/orders/{self.shop.numbers[fate]}" + (f"/{tab}" if tab else "")

    def stop(self) -> None:
        self._server.stop()

    def ask(self, question: Callable[[], Any]) -> Any:
        """What something says of the database as it is now."""
        with self.app.app_context():
            return question()


@contextmanager
def serving(shop: Shop, **more: Any) -> Iterator[Desk]:
    # Mails are queued, and no worker sends them.
    more.setdefault("MAIL_SERVER", "mail.example.com")
    app = create_app(settings(f"sqlite:///{shop.database}", INSTANCE=shop.database.parent, **more))
    app.jinja_env.bytecode_cache = COMPILED
    desk = Desk(app, shop)
    yield desk
    desk.stop()
    with app.app_context():
        db.engine.dispose()


def refuse_waiting(reason: str) -> None:
    """What a worker does to orders of batches that cannot be changed."""
    with writing():
        is_waiting = BatchOrder.state == BatchOrderState.WAITING
        refused = {"state": BatchOrderState.REFUSED, "due_at": None, "reason": reason}
        db.session.execute(update(BatchOrder).where(is_waiting).values(refused))
        running.finish()


def fill(database: Path) -> Shop:
    """Put the shop into a migrated database."""
    app = create_app(settings(f"sqlite:///{database}", INSTANCE=database.parent))
    with app.test_request_context():
        reshape_shop(name="Ljus & Linne", language=None)
        links = {role: f"/login/{sign_in_links.make(_make_user(role, name))}" for role, name in STAFF.items()}
        links[WITH_APP] = f"/login/{sign_in_links.make(_make_user_with_app())}"
        _make_products()
        _make_many_orders()
        numbers = {fate: make().number for fate, make in FATES.items()}
        _expect_more()
        _let_some_time_pass()
        db.session.remove()
        db.engine.dispose()
    return Shop(database, numbers, links)


def _expect_more() -> None:
    """More comes of what orders wait for, some of it late, and some of what nobody waits for has come."""
    today = shop_settings.today()
    with writing():
        incoming.expect("KAN-02", 12, today + timedelta(days=3), note="Inköp 2204", by=BO)
        incoming.expect("KAN-02", 40, None, by=BO)
        incoming.expect("LANG-1", 5, today - timedelta(days=2), note=LONG, by=BO)
        received = incoming.expect("LYK-01", 10, today, by=BO)
        db.session.flush()
        incoming.receive(received.id, 10, version=1, by=BO)


def _let_some_time_pass() -> None:
    """No mail went out so recently that sending it again would be asked about."""
    with writing():
        db.session.execute(update(Message).values(queued_at=now() - timedelta(hours=1)))


def _make_user(role: str, name: str) -> User:
    user = User(email=f"{name.split()[0].lower()}@example.com", name=name, role=Role(role))
    user.set_password(PASSWORD)
    with writing():
        db.session.add(user)
    return user


def _make_user_with_app() -> User:
    """Someone with a second factor, in a role that changes nothing."""
    user = _make_user("viewer", "Siv Lund")
    with writing():
        user.second_factor = APP_SECRET
        give_recovery_codes(user)
    return user


def forget_used_codes() -> None:
    """Let codes of the app be used again, which hold once."""
    with writing():
        db.session.execute(update(User).values(second_factor_step=None))


def have_opened(number: str) -> None:
    """Have everyone open an order at once."""
    with writing():
        order_id = db.session.scalars(select(Order.id).where(Order.number == number)).one()
        for user_id in db.session.scalars(select(User.id)).all():
            db.session.merge(Presence(order_id=order_id, user_id=user_id, seen_at=now()))


def printed_batch(shop: Shop) -> int:
    """A batch of orders of each fate whose pick list is printed already: its id."""
    with writing():
        batch = batches.create(list(shop.numbers.values()), by=BO)
    with writing():
        printed.record_batch(batch.id, Document.PICK_LIST, by=BO)
    return batch.id


def _make_products() -> None:
    make_product("LJUS-12", name="Stearinljus, 12-pack, vita", stock=240)
    make_product("DUK-250-S", name="Linneduk 140 × 250, sand", stock=60, price=64_900)
    make_product("KAN-02", name="Ljusstake i mässing, låg", stock=1, price=29_900)
    make_product("KAN-03", name="Ljusstake i mässing, hög", stock=0, price=34_900)
    make_product("SPETS-1", name="Handvirkad spets, unik", stock=2, price=120_000, backorderable=False)
    make_product("LANG-1", name=LONG, stock=50)
    for sku, name in REAL_NAMES.items():
        make_product(sku, name=name, stock=3, price=124_900)
    for number in range(1, 61):
        make_product(f"LYK-{number:02}", name=f"Lykta i smide nr {number}", stock=100, price=4_900 + 1_000 * number)


def _make_many_orders() -> None:
    for number in range(PASSED_BY):
        place((f"LYK-{number + 1:02}", 1 + number % 4), customer=person(f"Kund Nummer {number + 1}"), days=3)


def place(*lines: tuple[str, int], customer: Customer | None = None, days: float = 0, **values: Any) -> Order:
    bought_by = customer or person("Åsa Öberg")
    lives = Address(name=bought_by.name, street="Storgatan 1", postal_code="972 31", city="Luleå", country="SE")
    filled = {
        "customer": bought_by,
        "billing_address": lives,
        "shipping_address": lives,
        "shipping_method": "PostNord MyPack",
        "shipping_price": 4_900,
        "shipping_vat_rate": 2_500,
        "placed_at": now() - timedelta(days=days),
        **values,
    }
    return make_order(*lines, **filled)


def person(name: str, **values: Any) -> Customer:
    email = name.split()[0].lower().translate(str.maketrans("åäöé", "aaoe")) + "@example.com"
    return Customer(**{"name": name, "email": email, "phone": "+46701234567", **values})


def _ready() -> Order:
    order = place(("LJUS-12", 3), ("DUK-250-S", 2), payment_method="invoice")
    with editing(order.number, None, BO) as order:
        comments.add(order, CommentKind.INTERNAL, "Kunden ringde, vill ha leverans före första advent.", by=BO)
    return order


def _mixed() -> Order:
    return place(("KAN-02", 3), ("LJUS-12", 3), customer=person("Örjan Ström"))


def _waiting() -> Order:
    return place(("KAN-03", 2), customer=person("Élodie Hårdh"))


def _split() -> Order:
    order = place(("LJUS-12", 6), ("DUK-250-S", 2), ("LYK-01", 4), customer=person("Jönköpings Hotell"), days=1)
    with editing(order.number, None, BO) as order:
        splits.split(order.shipments[0].lines[0], 2, to=None, by=BO)
    with editing(order.number, None, BO) as order:
        splits.split(order.shipments[0].lines[2], 4, to=None, by=BO)
    with editing(order.number, None, BO) as order:
        tracking.add(order.shipments[0], "00370712345678901234", "PostNord", None, by=BO)
    return order


def _shipped() -> Order:
    order = place(("LJUS-12", 1), customer=person("Ida Björk"), days=1)
    with editing(order.number, None, BO) as order:
        tracking.add(order.shipments[0], "00370712345678905555", "PostNord", None, by=BO)
    with editing(order.number, None, BO) as order:
        shipments.ship(order.shipments[0], by=BO)
    return order


def _cancelled() -> Order:
    order = place(("LJUS-12", 2), customer=person("Per-Åke Väst"), days=1)
    with editing(order.number, None, BO) as order:
        cancellation.cancel(order, by=BO)
    return order


def _long() -> Order:
    return place(*[(f"LYK-{number:02}", 1) for number in range(1, 61)], customer=person("Restaurang Sjöboden"), days=1)


def _wide() -> Order:
    customer = person(LONG, company=LONG, email=f"{LONG[:60].lower().replace('å', 'a').replace('ö', 'o')}@example.com")
    order = place(("LANG-1", 99_000), customer=customer, days=1, shipping_method=LONG)
    with editing(order.number, None, BO) as order:
        comments.add(order, CommentKind.INTERNAL, LONG * 3, by=BO)
    with editing(order.number, None, BO) as order:
        tracking.add(order.shipments[0], "0123456789" * 10, "DB Schenker", None, by=BO)
    return order


def _long_words() -> Order:
    """The long names that real customers, products and ways to ship have."""
    customer = person(
        "Margareta Wachtmeister-Hallenstvedt",
        company="Bostadsrättsföreningen Kungsholmsstrandens Trädgårdsmästare",
        organisation_number="769612-3456",
        email="margareta.wachtmeister-hallenstvedt@kungsholmsstranden.example.com",
    )
    lives = Address(
        name=customer.name,
        company=customer.company,
        street="Norra Bangårdsgatan 127 B, uppgång 4, port mot gården",
        postal_code="112 34",
        city="Stockholm-Kungsholmsstranden",
        country="SE",
    )
    order = place(
        *((sku, 2 + place_in_list) for place_in_list, sku in enumerate(REAL_NAMES)),
        customer=replace(customer, name="Greta"),
        days=1,
        billing_address=lives,
        shipping_address=lives,
        shipping_method="PostNord MyPack Collect, ombud med förlängd öppettid",
        payment_method="Klarna Checkout, faktura 30 dagar",
        external_reference="gid://shopify/Order/5512930394287",
    )
    with editing(order.number, None, BO) as order:
        tracking.add(order.shipments[0], "00370712345678901234", "PostNord", None, by=BO)
    with editing(order.number, None, BO) as order:
        tracking.add(order.shipments[0], "JJD000390007811120534", "DHL Freight", None, by=BO)
    with editing(order.number, None, BO) as order:
        customers.change(order, customer, lives, lives, by=BO)
    with editing(order.number, None, BO) as order:
        line = order.shipments[0].lines[1]
        line_changes.change(line, quantity=line.quantity - 1, by=BO)
    return order


def _company() -> Order:
    company = person("Olof Ström", company="Byggnadsvård i Bräcke AB", organisation_number="556677-8899")
    return place(("LJUS-12", 4), ("SPETS-1", 1), customer=company)


def _paid() -> Order:
    return place(("DUK-250-S", 2), payment_method="klarna", paid=134_700, customer=person("Åke Ängström"))


def _returned() -> Order:
    """Paid, shipped, and in part on its way back: with a return that is received, and refunds in each state."""
    order = place(
        ("LJUS-12", 3), ("DUK-250-S", 2), customer=person("Signe Holm"), days=1, payment_method="swish", paid=100_000
    )
    with editing(order.number, None, BO) as order:
        payments.register(order, 94_400, method="card", paid_on=date(2026, 11, 2), reference="ch_3QK1x2", by=BO)
    with editing(order.number, None, BO) as order:
        shipments.ship(order.shipments[0], by=BO)
    candles, cloth = (line.id for line in order.shipments[0].lines)
    with editing(order.number, None, BO) as order:
        returns.register(
            order, ReturnKind.RETURN, [ReturnedUnits(candles, 1, ReturnReason.DAMAGED_IN_TRANSPORT)], by=BO
        )
    with editing(order.number, None, BO) as order:
        returns.receive(order, 1, [ReceivedUnits(candles, 1, Disposition.DISCARD)], by=BO)
    with editing(order.number, None, BO) as order:
        refunds.request(order, replace(refunds.proposed_for(order, order.returns[0]), done=True), by=BO)
    with editing(order.number, None, BO) as order:
        back = [ReturnedUnits(candles, 1, ReturnReason.WITHDRAWN), ReturnedUnits(cloth, 2, ReturnReason.WITHDRAWN)]
        returns.register(order, ReturnKind.RETURN, back, note="Kunden vill ha pengarna tillbaka.", by=BO)
    with editing(order.number, None, BO) as order:
        refunds.request(order, RequestedRefund(amount=5_000, reason="Sen leverans"), by=BO)
    return order


FATES: dict[str, Callable[[], Order]] = {
    "long words": _long_words,
    "wide": _wide,
    "long": _long,
    "cancelled": _cancelled,
    "shipped": _shipped,
    "split": _split,
    "waiting": _waiting,
    "mixed": _mixed,
    "company": _company,
    "paid": _paid,
    "ready": _ready,
    "returned": _returned,
}
