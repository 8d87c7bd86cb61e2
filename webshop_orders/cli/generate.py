"""`webshop-orders generate`: synthetic orders for load tests."""

from datetime import date

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders.cli import database
from webshop_orders.cli.command import Command
from webshop_orders.cli.progress import progress_bar
from webshop_orders.demo import bulk


@click.command(cls=Command)
@click.option("--orders", type=click.IntRange(1, 10_000_000), required=True, help="How many orders to add.")
@with_appcontext
def generate(orders: int) -> None:
    """Add synthetic orders for load tests, the same ones each time; they send no mail."""
    database.prepare()
    with progress_bar(orders, _("orders")) as progress:
        bulk.generate(orders, date.today(), progress=progress)
    click.echo(ngettext("%(count)s order was added.", "%(count)s orders were added.", orders, count=orders))
