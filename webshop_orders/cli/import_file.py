"""`webshop-orders import`: orders or products from a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.cli import database
from webshop_orders.cli.command import Command
from webshop_orders.cli.import_options import check_time_zone, read_vat_rates
from webshop_orders.cli.import_progress import ImportProgress
from webshop_orders.connectors import export_files, product_files
from webshop_orders.connectors.export_files import Documents, Format
from webshop_orders.connectors.files.product_terms import ProductTerms
from webshop_orders.connectors.importing import json_lines, source_files
from webshop_orders.connectors.importing.files import open_text
from webshop_orders.connectors.importing.orders import import_orders
from webshop_orders.connectors.importing.products import import_products
from webshop_orders.connectors.importing.records import ImportOutcome, Refusal
from webshop_orders.connectors.importing.report import Report
from webshop_orders.connectors.parsing import Currency
from webshop_orders.text.languages import lazy_gettext as _l

MAX_SHOWN = 20  # refusals; the report has all
LINE = _l("line %(number)s: %(reason)s")
ORDER = _l("order %(number)s: %(reason)s")
PRODUCT = _l("product %(number)s: %(reason)s")
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
    help="Whose orders they are, where their file does not tell.",
)
@click.option("--prefix", help="What the references of another shop's orders begin with.  [default: as its webhooks']")
@click.option(
    "--time-zone", callback=check_time_zone, help="The zone of times that have none.  [default: the shop's time zone]"
)
@click.option(
    "--vat",
    "vat_rates",
    multiple=True,
    metavar="CLASS=PERCENT",
    callback=read_vat_rates,
    help="The VAT rate of a tax class of another shop's products, such as reduced-rate=12.",
)
@click.option("--prices-without-vat", is_flag=True, help="The prices of another shop's products do not include VAT.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="The CSV file for what is refused.  [default: beside the file, where more is refused than is shown]",
)
@with_appcontext
@click.pass_context
def import_file(
    ctx: click.Context,
    file: Path,
    products: bool,
    file_format: str,
    prefix: str | None,
    time_zone: str | None,
    vat_rates: dict[str, int],
    prices_without_vat: bool,
    report: Path | None,
) -> None:
    """Import orders, or products, from a file: JSON lines, or an export of WooCommerce or Shopify.

    Orders that exist already are left alone, so that the same file can be imported again, and an import that was
    interrupted goes on with the same command.
    """
    database.prepare()
    recognised = product_files.recognise(file) if products else export_files.recognise(file, Format(file_format))
    if Format(file_format) not in {recognised, Format.AUTO}:
        click.echo(_("%(path)s is read as %(format)s, which it is.", path=file, format=recognised.value), err=True)
    refusals = _Refusals(
        Report(report or file.with_name(f"{file.name}.refused.csv")),
        _words(recognised, products=products),
        is_reported=bool(report),
    )
    with refusals.reporting():
        if recognised is Format.JSON_LINES:
            outcome = _import_lines(file, refusals, products=products)
        elif products:
            currency = Currency.from_code(shop_settings.current().currency)
            terms = ProductTerms(currency, prices_include_vat=not prices_without_vat, vat_rates=vat_rates)
            outcome = _import_products(product_files.documents(file, recognised, terms), refusals)
        else:
            documents = export_files.documents(file, recognised, prefix=prefix, zone=time_zone)
            outcome = _import_orders(documents, refusals, keeps_source_total=not recognised.is_ours)
    click.echo(_products_summary(outcome) if products else _orders_summary(outcome))
    if outcome.is_interrupted:
        click.echo(_("Interrupted. The same command goes on from here."), err=True)
        ctx.exit(EXIT_INTERRUPTED)
    if outcome.refused:
        ctx.exit(1)


def _words(file_format: Format, *, products: bool) -> str:
    """The sentence for a refusal, with its number and its reason."""
    if file_format is Format.JSON_LINES:
        return str(LINE)
    return str(PRODUCT if products else ORDER)


def _place(refusal: Refusal) -> str:
    """The number of a record in its file, and its reference where the reason does not name it."""
    if refusal.reference and refusal.reference not in refusal.reason:
        return f"{refusal.number}, {refusal.reference}"
    return str(refusal.number)


class _Refusals:
    """Shows the first refusals; all of them go into the report if one is wished, or if there are more."""

    def __init__(self, report: Report, words: str, *, is_reported: bool) -> None:
        self._report = report
        self._words = words
        self._is_reported = is_reported
        self._shown: list[Refusal] = []

    def add(self, refusal: Refusal, progress: ImportProgress) -> None:
        if self._is_reported:
            self._report.add(refusal)
        if len(self._shown) < MAX_SHOWN:
            self._shown.append(refusal)
            progress.clear()
            click.echo(self._words % {"number": _place(refusal), "reason": refusal.reason}, err=True)
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
    with open_text(file) as text, ImportProgress.shown() as progress:
        refuse = partial(refusals.add, progress=progress)
        if products:
            return import_products(json_lines.products(text), refuse=refuse, progress=progress.show)
        orders = json_lines.orders(text)
        return import_orders(orders, keeps_source_total=False, refuse=refuse, progress=progress.show)


def _import_orders(documents: Documents, refusals: _Refusals, *, keeps_source_total: bool) -> ImportOutcome:
    with ImportProgress.shown() as progress:
        refuse = partial(refusals.add, progress=progress)
        orders = source_files.orders(documents)
        return import_orders(orders, keeps_source_total=keeps_source_total, refuse=refuse, progress=progress.show)


def _import_products(documents: Documents, refusals: _Refusals) -> ImportOutcome:
    with ImportProgress.shown() as progress:
        refuse = partial(refusals.add, progress=progress)
        return import_products(source_files.products(documents), refuse=refuse, progress=progress.show)


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
