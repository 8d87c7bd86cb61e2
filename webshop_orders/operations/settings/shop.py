"""The settings of the shop itself: one row, created once and changed in Konfiguration."""

from typing import Any

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.models import Shop
from webshop_orders.operations.inbox import attention

DECIDE_ATTENTION = {"ready_days", "dispatch_checks", "carriers"}  # of what needs a person


def exists() -> bool:
    """Whether the shop has its settings, as any database has that is in use."""
    return db.session.get(Shop, shop_settings.ID) is not None


def create() -> None:
    """Give a new shop its settings, with every default."""
    db.session.add(Shop(id=shop_settings.ID))


def change(values: dict[str, Any]) -> None:
    """Set some of the shop's settings to new values, by column name."""
    shop = shop_settings.for_update()
    decides = any(name in DECIDE_ATTENTION and getattr(shop, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(shop, name, value)
    if decides:
        attention.outdate()
