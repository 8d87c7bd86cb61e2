"""`webshop-orders import`: orders or products from a file."""

from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from webshop_orders.cli import database
from webshop_orders.cli.command import Command
from webshop_orders.cli.progress import progress_bar
from webshop_orders.connectors import export_files, json_lines
from webshop_orders.connectors.export_files import Format
from webshop_orders.connectors.json_lines import ImportOutcome


@click.command("import", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--products", is_flag=True, help="The file contains products of the catalogue, not orders.")
@click.option(
    "--format",
    "file_format",
    type=click.Choice([file_format.value for file_format in Format]),
    default=Format.AUTO.value,
    show_default=True,
    help="Whose orders they are; Shopify's may be JSON or its CSV export.",
)
@with_appcontext
@click.pass_context
def import_file(ctx: click.Context, file: Path, products: bool, file_format: str) -> None:
    """Import orders, or products, from a file: JSON lines, or an export of WooCommerce or Shopify.

    Orders that exist already are left alone, so that the same file can be imported again.
    """
    database.prepare()
    recognised = Format.JSON_LINES if products else export_files.recognise(file, Format(file_format))
    if recognised is Format.JSON_LINES:
        outcome = _import_lines(file, products=products)
    else:
        documents = export_files.documents(file, recognised)
        with progress_bar(len(documents), file.name) as progress:
            outcome = json_lines.import_documents(
                documents, progress=progress, keeps_source_total=not recognised.is_ours
            )
    for number, reason in outcome.refused:
        facts = {"number": number, "reason": reason}
        is_line = recognised is Format.JSON_LINES
        click.echo(
            _("line %(number)s: %(reason)s", **facts) if is_line else _("order %(number)s: %(reason)s", **facts),
            err=True,
        )
    click.echo(_products_summary(outcome) if products else _orders_summary(outcome))
    if outcome.refused:
        ctx.exit(1)


def _import_lines(file: Path, *, products: bool) -> ImportOutcome:
    count = json_lines.count_lines(file)
    run = json_lines.import_products if products else json_lines.import_orders
    with progress_bar(count, file.name) as progress:
        return run(file, progress=progress)


def _orders_summary(outcome: ImportOutcome) -> str:
    return _(
        "Orders: %(new)s new, %(already)s already there, %(refused)s refused.",
        new=outcome.new,
        already=outcome.already,
        refused=len(outcome.refused),
    )


def _products_summary(outcome: ImportOutcome) -> str:
    return _(
        "Products: %(new)s new, %(changed)s changed, %(already)s as before, %(refused)s refused.",
        new=outcome.new,
        changed=outcome.changed,
        already=outcome.already,
        refused=len(outcome.refused),
    )
