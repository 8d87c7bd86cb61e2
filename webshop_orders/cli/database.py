"""The database as commands need it: migrated, with the settings of the shop, and left before processes are forked."""

import click
from flask_babel import gettext as _

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
                if not shop.exists():  # on SQLite, another process may have been first
                    shop.create()
    db.session.remove()


def warn_if_newer() -> None:
    """Tell whoever starts a process on a database that a newer version has migrated, as during an upgrade."""
    if migrations.is_newer():
        click.echo(_("A newer version has migrated the database. This one works on; upgrade it too."), err=True)


def disconnect() -> None:
    """Close the connections of this process, which a process that is forked must not use."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()
