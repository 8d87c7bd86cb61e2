"""What the findings about rows of a file are called, and the sentence about each row."""

from collections.abc import Callable
from typing import Any

from webshop_orders.models import ColumnRole, Finding, TrackingFile, TrackingFileRow
from webshop_orders.operations.tracking_files.listing import Group
from webshop_orders.text.languages import Sentence, translated
from webshop_orders.text.languages import gettext as _
from webshop_orders.text.languages import lazy_gettext as _l

FINDINGS: dict[Finding, Sentence | str] = {
    Finding.NO_ORDER_NUMBER: _l("Without an order"),
    Finding.NO_CODE: _l("Without a code"),
    Finding.CUT_NUMBER: _l("Cut numbers"),
    Finding.FAULT: _l("Error values"),
    Finding.NOT_A_CODE: _l("No code"),
    Finding.UNKNOWN: _l("Unknown"),
    Finding.SEVERAL_ORDERS: _l("Several orders"),
    Finding.CLOSED: _l("Cancelled or erased"),
    Finding.PRESENT: _l("There already"),
    Finding.TWICE: _l("Twice in the file"),
    Finding.SEVERAL_SHIPMENTS: _l("Several shipments"),
    Finding.LEADING_ZEROS: _l("Leading zeros may be missing"),
    Finding.CHECK_DIGIT: _l("Wrong check digit"),
    Finding.ELSEWHERE: _l("On another order"),
    Finding.TWO_ORDERS: _l("One code, several orders"),
    Finding.SHIPPED: _l("Already shipped"),
    Finding.OUTSIDE_BATCH: _l("Not in the batch"),
}
GROUPS: dict[Group, Sentence | str] = {
    Group.TAKEN: _l("Are added"),
    Group.ASKED: _l("To answer"),
    Group.LEFT_OUT: _l("Left out"),
    Group.DONE: _l("Added"),
    Group.REFUSED: _l("Refused"),
    Group.WAITING: _l("Waiting"),
}


def sentence(finding: str, row: TrackingFileRow, file: TrackingFile) -> str:
    """What is particular about a row, as a sentence that names it."""
    return SENTENCES[Finding(finding)](row, file)


def named(row: TrackingFileRow, file: TrackingFile) -> str:
    """The order as the row names it."""
    return _text(row, file, ColumnRole.ORDER, ColumnRole.REFERENCE)


def cell_name(row: TrackingFileRow, file: TrackingFile) -> str:
    """The cell with the code as spreadsheets name it, such as B7."""
    return f"{column_letters(file.column(ColumnRole.CODE) or 0)}{row.number}"


def column_letters(column: int) -> str:
    """The letters of a column, from 0: A to Z, then AA and on."""
    first, last = divmod(column, 26)
    return (column_letters(first - 1) if first else "") + chr(ord("A") + last)


def _text(row: TrackingFileRow, file: TrackingFile, *roles: ColumnRole) -> str:
    columns = (file.column(role) for role in roles)
    texts = (row.cells[column] for column in columns if column is not None and column < len(row.cells))
    return next(filter(None, texts), "")


def _unknown(row: TrackingFileRow, file: TrackingFile) -> str:
    if gone := row.facts.get("gone"):
        return _("%(shipment)s is no more: what was in it was moved or removed.", shipment=gone)
    return _("There is no order «%(number)s».", number=named(row, file))


def _listed(row: TrackingFileRow, fact: str) -> str:
    return ", ".join(row.facts.get(fact, []))


SENTENCES: dict[Finding, Callable[[TrackingFileRow, TrackingFile], str]] = {
    Finding.NO_ORDER_NUMBER: lambda row, file: _(
        "The row names no order. Of merged cells, only the first row has the text."
    ),
    Finding.NO_CODE: lambda row, file: _(
        "The cell of the code is empty. So is a formula that no spreadsheet has worked out yet."
    ),
    Finding.CUT_NUMBER: lambda row, file: _(
        "%(cell)s is a number of more than 15 digits, of which spreadsheets lose the last ones: it may be another "
        "parcel's code. Export anew with the column as text.",
        cell=cell_name(row, file),
    ),
    Finding.FAULT: lambda row, file: _(
        "%(cell)s has the error %(text)s.", cell=cell_name(row, file), text=_text(row, file, ColumnRole.CODE)
    ),
    Finding.NOT_A_CODE: lambda row, file: _("«%(text)s» is no tracking code.", text=_text(row, file, ColumnRole.CODE)),
    Finding.UNKNOWN: _unknown,
    Finding.SEVERAL_ORDERS: lambda row, file: _("That may be %(orders)s.", orders=_listed(row, "orders")),
    Finding.CLOSED: lambda row, file: _("The order is cancelled, or its personal data are erased."),
    Finding.PRESENT: lambda row, file: _("The shipment has the code already."),
    Finding.TWICE: lambda row, file: _("The same as row %(row)s.", row=row.facts.get("first", "")),
    Finding.SEVERAL_SHIPMENTS: lambda row, file: _("The order has several shipments. Choose which one."),
    Finding.LEADING_ZEROS: lambda row, file: _(
        "%(cell)s is a number, so zeros before it may be missing. Compare it with the label.", cell=cell_name(row, file)
    ),
    Finding.CHECK_DIGIT: lambda row, file: _("The check digit does not fit: a digit is wrong or missing."),
    Finding.ELSEWHERE: lambda row, file: _("The code stands on %(orders)s too.", orders=_listed(row, "elsewhere")),
    Finding.TWO_ORDERS: lambda row, file: _("Another row has the code for %(orders)s.", orders=_listed(row, "sharing")),
    Finding.SHIPPED: lambda row, file: _("It is shipped, with other codes. The customer is not told of this one."),
    Finding.OUTSIDE_BATCH: lambda row, file: _("The order is not in the batch."),
}


def template_filters(language: str) -> dict[str, Callable[..., Any]]:
    findings, groups = translated(FINDINGS, language), translated(GROUPS, language)
    return {"finding": findings.__getitem__, "row_group": groups.__getitem__}
