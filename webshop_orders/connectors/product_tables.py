"""Reading a file or a paste of products: as it was exported here, or as a spreadsheet has saved it."""

from webshop_orders.connectors.tracking_files import delimited, reading, workbooks
from webshop_orders.operations.stock import import_columns, product_import
from webshop_orders.operations.stock.product_import import FileTable
from webshop_orders.operations.tracking_files.table import TableRow


def read_file(data: bytes) -> FileTable:
    """The table in a file; raises RuleViolation with what is wrong with it."""
    if data.startswith(reading.ZIP):
        _sheet, rows = workbooks.read(data)
        return _table(rows)
    return read_text(reading.decoded(data))


def read_text(text: str) -> FileTable:
    """The table in a text; raises RuleViolation with what is wrong with it."""
    text = reading.checked(text).removeprefix("\ufeff").replace("\r\n", "\n").lstrip("\n")
    return _table(delimited.read_with(text, _delimiter(text.partition("\n")[0])))


def _delimiter(headings: str) -> str:
    """The delimiter with which most headings are known."""
    return max(
        delimited.DELIMITERS,
        key=lambda delimiter: len(import_columns.recognise(_without_quotes(headings).split(delimiter))),
    )


def _without_quotes(headings: str) -> str:
    return headings.replace('"', "")


def _table(rows: list[TableRow]) -> FileTable:
    return product_import.read_table([(row.number, row.cells) for row in rows])
