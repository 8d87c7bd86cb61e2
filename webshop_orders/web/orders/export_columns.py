"""The columns of exports: of a row for each order, and of a row for each line of an order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from webshop_orders import shop_settings
from webshop_orders.models import Address, OrderStatus
from webshop_orders.money import payments
from webshop_orders.operations.order_list.columns import Column
from webshop_orders.operations.order_list.export_details import ExportedLine, OrderDetails
from webshop_orders.operations.order_list.pages import ListedOrder
from webshop_orders.text.currencies import minor_digits
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.labels import COLUMNS, DELIVERY_STATUSES, ORDER_STATUSES

# Text, a whole number, an amount in major units, a time in the shop's time zone without the zone, or an empty cell.
Cell = str | int | Decimal | datetime | None


@dataclass(frozen=True)
class Row:
    """An order, with its details and a line where the export has them."""

    order: ListedOrder
    details: OrderDetails | None = None
    line: ExportedLine | None = None


@dataclass(frozen=True)
class ExportColumn:
    heading: Any
    cell: Callable[[Any], Cell]


def headings(columns: Iterable[ExportColumn]) -> list[str]:
    return [str(column.heading) for column in columns]


def cells(columns: Iterable[ExportColumn], row: Row) -> list[Cell]:
    return [column.cell(row) for column in columns]


def _amount(minor_units: int, currency: str) -> Decimal:
    return Decimal(minor_units).scaleb(-minor_digits(currency))


def _local(at: datetime | None) -> datetime | None:
    zone = ZoneInfo(shop_settings.current().time_zone)
    return at.astimezone(zone).replace(tzinfo=None) if at else None


def _statuses(order: ListedOrder) -> str:
    if order.status is OrderStatus.CANCELLED:
        return str(ORDER_STATUSES[order.status])
    return ", ".join(str(DELIVERY_STATUSES[status]) for status in order.statuses)


LIST_CELLS: dict[Column, Callable[[Row], Cell]] = {
    Column.REFERENCE: lambda row: row.order.external_reference,
    Column.PLACED: lambda row: _local(row.order.placed_at),
    Column.CUSTOMER: lambda row: row.order.customer,
    Column.EMAIL: lambda row: row.order.email,
    Column.PHONE: lambda row: row.order.phone,
    Column.CITY: lambda row: row.order.city,
    Column.STATUS: lambda row: _statuses(row.order),
    Column.PAYMENT: lambda row: payments.method_label(row.order.payment_method),
    Column.SHIPPING: lambda row: row.order.shipping_method,
    Column.ITEMS: lambda row: row.order.units,
    Column.TOTAL: lambda row: _amount(row.order.total, row.order.currency),
    Column.CHANGED: lambda row: _local(row.order.updated_at),
}
NUMBER = ExportColumn(_l("Order"), lambda row: row.order.number)
SHOP_NUMBER = ExportColumn(_l("The shop's number"), lambda row: row.order.shop_number)
CURRENCY = ExportColumn(_l("Currency"), lambda row: row.order.currency)


def _list_column(column: Column) -> ExportColumn:
    return ExportColumn(COLUMNS[column], LIST_CELLS[column])


def _address_columns(name: Any, address_of: Callable[[OrderDetails], Address]) -> list[ExportColumn]:
    def column(heading: Any, field: str) -> ExportColumn:
        qualified = _l("%(address)s: %(field)s", address=name, field=heading)
        return ExportColumn(qualified, lambda row: getattr(address_of(row.details), field))

    return [
        column(_l("Name"), "name"),
        column(_l("Company"), "company"),
        column(_l("Street"), "street"),
        column(_l("Street, second line"), "street2"),
        column(_l("Postal code"), "postal_code"),
        column(_l("City"), "city"),
        column(_l("Region"), "region"),
        column(_l("Country"), "country"),
        column(_l("Phone"), "phone"),
        column(_l("Pick-up point"), "pickup_point"),
    ]


# The columns that people choose from in the list, whichever of them they see.
OF_LIST = [NUMBER, *map(_list_column, Column), CURRENCY]
ADDRESSES = [
    *_address_columns(_l("Delivery address"), lambda details: details.shipping_address),
    *_address_columns(_l("Billing address"), lambda details: details.billing_address),
]
CUSTOMER = [
    ExportColumn(_l("Name"), lambda row: row.details.customer.name),
    ExportColumn(_l("Company"), lambda row: row.details.customer.company),
    ExportColumn(_l("Organisation number"), lambda row: row.details.customer.organisation_number),
    _list_column(Column.EMAIL),
    _list_column(Column.PHONE),
]
OF_ORDERS = [
    NUMBER,
    SHOP_NUMBER,
    *map(_list_column, (Column.REFERENCE, Column.PLACED)),
    *CUSTOMER,
    *map(_list_column, (Column.STATUS, Column.PAYMENT, Column.SHIPPING, Column.ITEMS, Column.TOTAL)),
    ExportColumn(_l("Paid"), lambda row: _amount(row.details.paid, row.order.currency)),
    ExportColumn(_l("Credited"), lambda row: _amount(row.details.credited, row.order.currency)),
    CURRENCY,
    _list_column(Column.CHANGED),
    *ADDRESSES,
]
OF_LINES = [
    NUMBER,
    SHOP_NUMBER,
    *map(_list_column, (Column.REFERENCE, Column.PLACED)),
    *CUSTOMER,
    ExportColumn(_l("Shipment"), lambda row: f"{row.order.number}-{row.line.shipment}"),
    ExportColumn(_l("Delivery status"), lambda row: str(DELIVERY_STATUSES[row.line.status])),
    ExportColumn(_l("Shipped"), lambda row: _local(row.line.shipped_at)),
    ExportColumn(_l("Tracking code"), lambda row: ", ".join(row.line.tracking_codes)),
    ExportColumn(_l("SKU"), lambda row: row.line.sku),
    ExportColumn(_l("Product"), lambda row: row.line.name),
    ExportColumn(_l("Quantity"), lambda row: row.line.quantity),
    ExportColumn(_l("Of which backordered"), lambda row: row.line.backordered),
    ExportColumn(_l("Unit price"), lambda row: _amount(row.line.unit_price, row.order.currency)),
    ExportColumn(_l("Discount"), lambda row: _amount(row.line.discount, row.order.currency)),
    ExportColumn(_l("Sum"), lambda row: _amount(row.line.total, row.order.currency)),
    CURRENCY,
    ExportColumn(_l("VAT in percent"), lambda row: Decimal(row.line.vat_rate) / 100),
    *ADDRESSES,
]
