"""Rows of Shopify's export of orders, by the names of its columns; the people are invented."""

import csv
import io
from pathlib import Path

FIRST: dict[str, str] = {
    "Name": "#1001",
    "Email": "asa@example.com",
    "Financial Status": "paid",
    "Paid at": "2026-11-20 10:15:00 +0100",
    "Fulfillment Status": "fulfilled",
    "Fulfilled at": "2026-11-21 09:00:00 +0100",
    "Currency": "SEK",
    "Subtotal": "598.00",
    "Shipping": "49.00",
    "Taxes": "129.40",
    "Total": "647.00",
    "Discount Code": "",
    "Discount Amount": "0.00",
    "Shipping Method": "PostNord",
    "Created at": "2026-11-20 10:14:00 +0100",
    "Lineitem quantity": "2",
    "Lineitem name": "Stearinljus",
    "Lineitem price": "199.00",
    "Lineitem sku": "LJUS-12",
    "Lineitem taxable": "true",
    "Lineitem fulfillment status": "fulfilled",
    "Lineitem discount": "0.00",
    "Billing Name": "Åsa Öberg",
    "Billing Address1": "Storgatan 1",
    "Billing City": "Luleå",
    "Billing Zip": "'97231",
    "Billing Country": "SE",
    "Shipping Name": "",
    "Shipping Address1": "",
    "Shipping City": "",
    "Shipping Country": "",
    "Shipping Phone": "",
    "Notes": "Ring,\npå porten",
    "Note Attributes": "",
    "Cancelled at": "",
    "Payment Method": "Klarna",
    "Refunded Amount": "0.00",
    "Outstanding Balance": "0.00",
    "Id": "450789469",
    "Tax 1 Name": "Moms 25%",
    "Tax 1 Value": "129.40",
    "Tax 2 Name": "",
    "Tax 2 Value": "",
    "Duties": "",
}
SECOND = {
    "Name": "#1001",
    "Lineitem quantity": "1",
    "Lineitem name": "Ljusstake",
    "Lineitem price": "200.00",
    "Lineitem taxable": "true",
    "Lineitem fulfillment status": "fulfilled",
}
ROWS = [
    FIRST,
    SECOND,
    {
        **FIRST,
        "Name": "#1002",
        "Financial Status": "pending",
        "Fulfillment Status": "unfulfilled",
        "Fulfilled at": "",
        "Lineitem fulfillment status": "pending",
        "Subtotal": "90.00",
        "Shipping": "0.00",
        "Taxes": "18.00",
        "Tax 1 Value": "18.00",
        "Total": "90.00",
        "Discount Amount": "10.00",
        "Lineitem quantity": "1",
        "Lineitem price": "100.00",
        "Payment Method": "Invoice",
        "Outstanding Balance": "90.00",
        "Id": "450789470",
    },
]


def order_of(*lines: dict[str, str], **changes: str) -> list[dict[str, str]]:
    """The rows of one unfulfilled order; names of columns have `_` for blanks in `changes`."""
    columns = {name.casefold(): name for name in FIRST}
    first = {
        **FIRST,
        "Fulfillment Status": "unfulfilled",
        "Fulfilled at": "",
        "Lineitem fulfillment status": "pending",
        **{columns[name.replace("_", " ").casefold()]: value for name, value in changes.items()},
    }
    return [first, *({"Name": first["Name"], **line} for line in lines)]


def csv_of(rows: list[dict[str, str]], *, delimiter: str = ",", columns: list[str] | None = None) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, columns or list(FIRST), delimiter=delimiter, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def write_csv(folder: Path, rows: list[dict[str, str]], *, delimiter: str = ",") -> Path:
    path = folder / "orders_export.csv"
    path.write_text(csv_of(rows, delimiter=delimiter), encoding="utf-8", newline="")
    return path
