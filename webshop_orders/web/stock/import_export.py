"""Products as a file: exported, and read in again once its changes have been looked at. Nothing is stored between."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from wtforms.validators import StopValidation

from webshop_orders.connectors import product_tables
from webshop_orders.db.extensions import db
from webshop_orders.errors import DomainError, RuleViolation
from webshop_orders.models import Product, Role
from webshop_orders.operations.stock import import_columns, product_import, product_list
from webshop_orders.operations.stock.import_columns import LABELS, ProductColumn
from webshop_orders.operations.stock.product_import import FileRow, FileTable, PlannedRow
from webshop_orders.operations.stock.product_list import ProductFilter, ProductQuery
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.transactions import product_changes
from webshop_orders.web.http import made_files
from webshop_orders.web.http.fields import LongTextField
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.http.query_args import text_arg
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.orders.export_columns import Cell
from webshop_orders.web.orders.export_files import write_csv

blueprint = Blueprint("product_files", __name__, url_prefix="/stock")

EXPORTED_AT_ONCE = 500
MAX_PASTED = 400_000  # characters: Werkzeug takes 500 000 bytes of a form that are no file
MAX_SHOWN = 200  # rows of a preview
MAX_HEADINGS = 20  # that are not read, of which the preview tells


class TableField(LongTextField):
    """A table that was pasted, of which every character counts: its data are as they were typed."""

    def pre_validate(self, form: object) -> None:
        if len(self.raw) > self.max_length:
            raise StopValidation(_("That is too much to paste. Save it as a file, and choose that."))
        self.data = self.raw


class ImportForm(BaseForm):
    """A file or a table that was pasted; or `table`, the rows of a preview that are to be carried out."""

    text = TableField(_l("Or paste the table"), max_length=MAX_PASTED)
    table = TableField(max_length=MAX_PASTED)


@blueprint.get("/export")
def export() -> Response:
    """All products, or those of the list that is asked for."""
    headings = [str(LABELS[column]) for column in ProductColumn]
    rows = _exported(text_arg("q"), text_arg("only"))
    return made_files.respond(lambda file: write_csv(file, headings, rows), _("products"), "csv", "text/csv")


@blueprint.get("/import")
def show_import() -> Response:
    return _render(ImportForm.blank())


@blueprint.post("/import")
def read_in() -> Response:
    """Show what a file would change, or carry out what was shown."""
    form = ImportForm()
    if not form.validate():
        return _render(form, status=422)
    try:
        if form.table.data:
            return _carry_out(product_tables.read_text(form.table.data).rows)
        table = _uploaded(form)
    except DomainError as error:
        form.add_error(error)
        return _render(form, status=error.status)
    planned = product_import.plan(table.rows, may_price=_may_price(), by=g.user.actor)
    return _render(ImportForm.blank(), planned, unknown_headings=table.unknown_headings)


def _uploaded(form: ImportForm) -> FileTable:
    upload, text = request.files.get("file"), form.text.data or ""
    if upload is not None and upload.filename:
        if text.strip():
            raise RuleViolation(_("Choose a file or paste a table, not both."), field="text")
        return product_tables.read_file(upload.read())
    if not text.strip():
        raise RuleViolation(_("Choose a file, or paste a table."))
    return product_tables.read_text(text)


def _carry_out(rows: list[FileRow]) -> Response:
    done = product_changes.carry_out(rows, may_price=_may_price(), by=g.user.actor)
    refused = [row for row in done if row.refusals]
    changed = sum(row.is_to_do for row in done)
    flash_message(
        ngettext("%(num)s product is changed.", "%(num)s products are changed.", changed)
        if changed
        else _("Nothing was changed.")
    )
    if refused:
        return _render(ImportForm.blank(), refused, status=409)
    return _render(ImportForm.blank()) if wants_fragment() else see_other(url_for("product_files.show_import"))


def _may_price() -> bool:
    return bool(g.user.role is Role.ADMIN)


def _render(
    form: ImportForm,
    planned: Sequence[PlannedRow] | None = None,
    *,
    unknown_headings: Sequence[str] = (),
    status: int = 200,
) -> Response:
    to_do = [row for row in planned or () if row.is_to_do]
    refused = [row for row in planned or () if row.refusals]
    return render_region(
        "stock/import.html",
        status=status,
        form=form,
        planned=planned,
        unknown_headings=unknown_headings[:MAX_HEADINGS],
        shown=[*refused, *to_do][:MAX_SHOWN],
        to_do=len(to_do),
        refused=len(refused),
        unchanged=len(planned or ()) - len(to_do) - len(refused),
        not_shown=max(0, len(to_do) + len(refused) - MAX_SHOWN),
        table=_table_of(to_do) if to_do else "",
        labels=LABELS,
        columns=[str(LABELS[column]) for column in import_columns.CHANGEABLE],
    )


def _table_of(to_do: Sequence[PlannedRow]) -> str:
    """The rows as a table, which says of each product the versions that its preview was of."""
    text = io.StringIO()
    columns = [*to_do[0].row.cells, *(column for column in import_columns.VERSIONS if column not in to_do[0].row.cells)]
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(columns)
    for row in to_do:
        writer.writerow(_kept(row.row.cells.get(column) or _version(row, column)) for column in columns)
    return text.getvalue()


def _version(row: PlannedRow, column: ProductColumn) -> str:
    return str(getattr(row.product, column.value)) if column in import_columns.VERSIONS else ""


def _kept(cell: str) -> str:
    """A cell that is read as it is: an apostrophe before others is not part of the text."""
    return f"'{cell}" if cell.startswith(("'", "=")) else cell


def _exported(words: str, only: str) -> Iterator[list[Cell]]:
    query = ProductQuery(words=words, only=ProductFilter(only) if only in set(ProductFilter) else None)
    while True:
        page = product_list.page(query, limit=EXPORTED_AT_ONCE)
        ids = [listed.id for listed in page.products]
        found = {product.id: product for product in db.session.scalars(select(Product).where(Product.id.in_(ids)))}
        for product_id in ids:
            product = found[product_id]
            yield [
                import_columns.cell(column, getattr(product, column.value), product.currency)
                for column in ProductColumn
            ]
        db.session.expunge_all()
        if page.after is None:
            return
        query = replace(query, after=page.after)
