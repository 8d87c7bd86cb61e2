"""`webshop-orders import`: orders or products from a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from webshop_orders.cli import database
from webshop_orders.cli.command import Command
from webshop_orders.cli.import_progress import ImportProgress
from webshop_orders.connectors import export_files
from webshop_orders.connectors.export_files import Format
from webshop_orders.connectors.importing import json_lines, source_files
from webshop_orders.connectors.importing.files import open_text
from webshop_orders.connectors.importing.orders import import_orders
from webshop_orders.connectors.importing.products import import_products
from webshop_orders.connectors.importing.records import ImportOutcome, Refusal
from webshop_orders.connectors.importing.report import Report

MAX_SHOWN = 20  # refusals; the report has all
EXIT_INTERRUPTED = 130  # as shells give for SIGINT


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
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="The CSV file for what is refused.  [default: beside the file, where more is refused than is shown]",
)
@with_appcontext
@click.pass_context
def import_file(ctx: click.Context, file: Path, products: bool, file_format: str, report: Path | None) -> None:
    """Import orders, or products, from a file: JSON lines, or an export of WooCommerce or Shopify.

    Orders that exist already are left alone, so that the same file can be imported again, and an import that was
    interrupted goes on with the same command.
    """
    database.prepare()
    recognised = Format.JSON_LINES if products else export_files.recognise(file, Format(file_format))
    refusals = _Refusals(
        Report(report or file.with_name(f"{file.name}.refused.csv")), recognised, is_reported=bool(report)
    )
    with refusals.reporting():
        if recognised is Format.JSON_LINES:
            outcome = _import_lines(file, refusals, products=products)
        else:
            outcome = _import_documents(file, recognised, refusals)
    click.echo(_products_summary(outcome) if products else _orders_summary(outcome))
    if outcome.is_interrupted:
        click.echo(_("Interrupted. The same command goes on from here."), err=True)
        ctx.exit(EXIT_INTERRUPTED)
    if outcome.refused:
        ctx.exit(1)


class _Refusals:
    """Shows the first refusals; all of them go into the report if one is wished, or if there are more."""

    def __init__(self, report: Report, file_format: Format, *, is_reported: bool) -> None:
        self._report = report
        self._is_line = file_format is Format.JSON_LINES
        self._is_reported = is_reported
        self._shown: list[Refusal] = []

    def add(self, refusal: Refusal, progress: ImportProgress) -> None:
        if self._is_reported:
            self._report.add(refusal)
        if len(self._shown) < MAX_SHOWN:
            self._shown.append(refusal)
            progress.clear()
            facts = {"number": refusal.number, "reason": refusal.reason}
            line, order = _("line %(number)s: %(reason)s", **facts), _("order %(number)s: %(reason)s", **facts)
            click.echo(line if self._is_line else order, err=True)
        elif not self._is_reported:
            self._is_reported = True
            for former in [*self._shown, refusal]:
                self._report.add(former)

    @contextmanager
    def reporting(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._report.close()
        if not self._report.is_empty:
            click.echo(_("Everything that was refused is in %(path)s.", path=self._report.path), err=True)


def _import_lines(file: Path, refusals: _Refusals, *, products: bool) -> ImportOutcome:
    with open_text(file) as text:
        progress = ImportProgress(text.share)
        refuse = partial(refusals.add, progress=progress)
        if products:
            outcome = import_products(json_lines.products(text), refuse=refuse, progress=progress.show)
        else:
            outcome = import_orders(
                json_lines.orders(text), keeps_source_total=False, refuse=refuse, progress=progress.show
            )
        progress.clear()
    return outcome


def _import_documents(file: Path, file_format: Format, refusals: _Refusals) -> ImportOutcome:
    documents = export_files.documents(file, file_format)
    done = 0
    progress = ImportProgress(lambda: done / len(documents))

    def show(outcome: ImportOutcome) -> None:
        nonlocal done
        done = outcome.done
        progress.show(outcome)

    refuse = partial(refusals.add, progress=progress)
    outcome = import_orders(
        source_files.records(documents), keeps_source_total=not file_format.is_ours, refuse=refuse, progress=show
    )
    progress.clear()
    return outcome


def _orders_summary(outcome: ImportOutcome) -> str:
    return _(
        "Orders: %(new)s new, %(already)s already there, %(refused)s refused.",
        new=outcome.new,
        already=outcome.already,
        refused=outcome.refused,
    )


def _products_summary(outcome: ImportOutcome) -> str:
    return _(
        "Products: %(new)s new, %(changed)s changed, %(already)s as before, %(refused)s refused.",
        new=outcome.new,
        changed=outcome.changed,
        already=outcome.already,
        refused=outcome.refused,
    )
