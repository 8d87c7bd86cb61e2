"""The database as every command needs it: migrated, and with the settings of the shop."""

from webshop_orders.db import migrations
from webshop_orders.db.extensions import db
from webshop_orders.operations.settings import shop
from webshop_orders.transactions.unit_of_work import writing


def prepare() -> None:
    """Apply the migrations that are missing, and give a new shop its settings."""
    with migrations.exclusive():
        migrations.upgrade()
        if not shop.exists():
            with writing():
                shop.create()
    db.session.remove()
