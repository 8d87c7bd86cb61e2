"""Factories of orders, products and users, with defaults for values that a test does not care about."""

from itertools import count
from typing import Any

from sqlalchemy import func, select

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine, NewOrder, Payment, Shipping
from webshop_orders.models import Actor, ActorKind, Address, Customer, Order, Product, Role, Shop, User
from webshop_orders.models.shop import ORDER_NUMBERS
from webshop_orders.operations.orders import placement
from webshop_orders.operations.stock import movements, products
from webshop_orders.operations.users import second_factor
from webshop_orders.transactions.unit_of_work import writing

ASA = Customer(name="Åsa Öberg", email="asa@example.com", phone="+46701234567")
LULEA = Address(name="Åsa Öberg", street="Storgatan 1", postal_code="972 31", city="Luleå", country="SE")
SHOP = Actor(ActorKind.INTEGRATION, "test shop")

_numbers = count(1)


def make_product(sku: str, *, stock: int | None = 100, price: int = 19_900, **values: Any) -> Product:
    filled = {"name": f"Product {sku}", "currency": "SEK", "vat_rate": 2500, **values}
    with writing():
        product = Product(sku=sku, price=price, stock=stock, **filled)
        db.session.add(product)
        db.session.flush()
        movements.open_stock([product])
    return product


def make_order(*lines: tuple[str, int], by: Actor = SHOP, **values: Any) -> Order:
    """An order of `(SKU, quantity)` lines, each sold at its product's current price."""
    own_lines = values.pop("lines", [])
    skus = {line.sku for line in own_lines} or {sku for sku, _ in lines}
    with writing():
        catalogue = products.matching(skus)
        new_lines = own_lines or [_new_line(sku, quantity, catalogue.get(sku)) for sku, quantity in lines]
        filled = {
            "external_reference": f"test-{next(_numbers)}",
            "lines": new_lines,
            "customer": ASA,
            "billing_address": LULEA,
            "shipping_address": LULEA,
            "currency": "SEK",
            "payment": Payment(values.pop("payment_method", "invoice"), paid=values.pop("paid", 0)),
            "shipping": Shipping(
                method=values.pop("shipping_method", None),
                price=values.pop("shipping_price", 0),
                vat_rate=values.pop("shipping_vat_rate", 0),
            ),
            **values,
        }
        return placement.place(NewOrder(**filled), catalogue, by=by)


def _new_line(sku: str, quantity: int, product: Product | None) -> NewLine:
    name, price = (product.name, product.price) if product else (sku, 10_000)
    return NewLine(sku=sku, name=name, quantity=quantity, unit_price=price, vat_rate=2500)


def reshape_shop(**values: Any) -> None:
    """Change settings in Konfiguration."""
    with writing():
        shop = shop_settings.for_update()
        for name, value in values.items():
            setattr(shop, name, value)


def restart_numbers(first: int) -> None:
    """Have the series of order numbers go on from a number."""
    reshape_shop(next_number=first)
    if db.engine.dialect.name == "postgresql":
        with writing():
            db.session.execute(select(func.setval(ORDER_NUMBERS.name, first, False)))


def stored_shop() -> Shop:
    """The shop's settings as they are stored now."""
    db.session.rollback()
    return db.session.get_one(Shop, 1, populate_existing=True)


def make_user(
    email: str = "asa@example.com", role: Role = Role.STAFF, password: str | None = None, **more: Any
) -> User:
    """A user with a password, or an invited one without; with an empty e-mail address, the user of a host."""
    user = User(**{"email": email or None, "name": "Åsa Öberg", "role": role, **more})
    if password is not None:
        user.set_password(password)
    with writing():
        db.session.add(user)
    return user


def give_recovery_codes(user: User) -> list[str]:
    """Give a user new recovery codes, inside a writing transaction; returns them."""
    drawn = second_factor.generate_recovery_codes()
    second_factor.set_recovery_codes(user, drawn)
    return [code.plaintext for code in drawn]
