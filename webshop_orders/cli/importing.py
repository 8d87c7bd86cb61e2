from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from webshop_orders import schema
from webshop_orders.cli.command import Command
from webshop_orders.cli.progress import progress_bar
from webshop_orders.connectors import json_lines
from webshop_orders.connectors.json_lines import Outcome


@click.command("import", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--products", is_flag=True, help="The file holds products of the catalogue, not orders.")
@with_appcontext
@click.pass_context
def import_file(ctx: click.Context, file: Path, products: bool) -> None:
    """Take in orders, or products, from a file of JSON lines.

    What is there already is left alone, so that the same file can be imported again.
    """
    count = json_lines.count_lines(file)
    schema.prepare()
    run = json_lines.import_products if products else json_lines.import_orders
    with progress_bar(count, file.name) as progress:
        outcome = run(file, progress=progress)
    for number, reason in outcome.refused:
        click.echo(_("line %(number)s: %(reason)s", number=number, reason=reason), err=True)
    click.echo(_products_summary(outcome) if products else _orders_summary(outcome))
    if outcome.refused:
        ctx.exit(1)


def _orders_summary(outcome: Outcome) -> str:
    return _(
        "Orders: %(new)s new, %(already)s already there, %(refused)s refused.",
        new=outcome.new,
        already=outcome.already,
        refused=len(outcome.refused),
    )


def _products_summary(outcome: Outcome) -> str:
    return _(
        "Products: %(new)s new, %(changed)s changed, %(already)s as before, %(refused)s refused.",
        new=outcome.new,
        changed=outcome.changed,
        already=outcome.already,
        refused=len(outcome.refused),
    )
