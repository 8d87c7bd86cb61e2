"""Search finds names across the spellings of Nordic letters, and products, streets and cities

What search looks through is stored with each order, product and mail, and so is the number by which a phone is looked
up. Both are written anew in batches; the index of words is dropped before and built once at the end.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op

from webshop_orders.text import phone_search
from webshop_orders.text.search import code_spellings, search_text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BATCH_SIZE = 5_000

PAUSE_ON_POSTGRESQL = [
    "drop trigger order_search_change on orders",
    "drop index ix_order_search_words",
    "truncate order_search",
]
RESUME_ON_POSTGRESQL = [
    "set local maintenance_work_mem = '512MB'",
    "insert into order_search select id, search_text from orders",
    "create index ix_order_search_words on order_search using gin ((order_id >> 16), words gin_trgm_ops)"
    " with (fastupdate = off)",
    "create trigger order_search_change after update of search_text on orders"
    " for each row when (old.search_text <> new.search_text) execute function order_search_change()",
]
PAUSE_ON_SQLITE = ["drop trigger order_search_change"]
RESUME_ON_SQLITE = [
    "insert into order_search (order_search) values ('rebuild')",
    """create trigger order_search_change after update of search_text on orders
    when old.search_text <> new.search_text begin
      insert into order_search (order_search, rowid, search_text) values ('delete', old.id, old.search_text);
      insert into order_search (rowid, search_text) values (new.id, new.search_text);
    end""",
]

ORDERS = """
    select id, number, external_reference, shop_number, customer_name, customer_company, customer_email,
        customer_unusable_email, customer_organisation_number, customer_phone, billing_address, shipping_address,
        search_text, phone_key
    from orders where id > :last order by id limit :size
"""
LINES = """
    select shipments.order_id, lines.sku, lines.name from lines join shipments on shipments.id = lines.shipment_id
    where shipments.order_id between :first and :last order by shipments.order_id, shipments.seq, lines.id
"""
CODES = """
    select order_id, code from tracking_codes where order_id between :first and :last order by order_id, id
"""
PRODUCTS = "select id, name, sku, search_text from products where id > :last order by id limit :size"
MESSAGES = """
    select messages.id, recipient, subject, orders.number, messages.search_text
    from messages left join orders on orders.id = messages.order_id
    where messages.id > :last and messages.search_text <> '' order by messages.id limit :size
"""


class Change(NamedTuple):
    """What is stored anew for one row."""

    id: int
    search_text: str
    phone_key: str = ""


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in PAUSE_ON_POSTGRESQL if on_postgresql else PAUSE_ON_SQLITE:
        op.execute(statement)
    for orders in _batches(ORDERS):
        _write("orders", ["search_text", "phone_key"], _changed_orders(orders))
    for products in _batches(PRODUCTS):
        texts = ((row, search_text([f"{row.name} {row.sku}"])) for row in products)
        _write("products", ["search_text"], (Change(row.id, text) for row, text in texts if text != row.search_text))
    for mails in _batches(MESSAGES):
        texts = ((row, search_text([row.recipient, row.subject, row.number])) for row in mails)
        _write("messages", ["search_text"], (Change(row.id, text) for row, text in texts if text != row.search_text))
    for statement in RESUME_ON_POSTGRESQL if on_postgresql else RESUME_ON_SQLITE:
        op.execute(statement)


def downgrade() -> None:
    """Nothing: an older release finds what is stored by the words that it looks for."""


def _batches(query: str) -> Iterator[Any]:
    last, statement = 0, sa.text(query)
    while rows := op.get_bind().execute(statement, {"last": last, "size": BATCH_SIZE}).all():
        yield rows
        last = rows[-1].id


def _write(table: str, columns: list[str], changes: Iterable[Change]) -> None:
    rows = [change._asdict() for change in changes]
    if rows:
        assignments = ", ".join(f"{column} = :{column}" for column in columns)
        op.get_bind().execute(sa.text(f"update {table} set {assignments} where id = :id"), rows)  # noqa: S608


def _changed_orders(orders: Any) -> Iterator[Change]:
    span = {"first": orders[0].id, "last": orders[-1].id}
    products, codes = defaultdict(list), defaultdict(list)
    for row in op.get_bind().execute(sa.text(LINES), span):
        products[row.order_id] += [row.sku, row.name]
    for row in op.get_bind().execute(sa.text(CODES), span):
        codes[row.order_id] += code_spellings(row.code)
    for order in orders:
        text = search_text([*_terms_of(order), *products[order.id], *codes[order.id]])
        key = phone_search.key(order.customer_phone)
        if (text, key) != (order.search_text, order.phone_key):
            yield Change(order.id, text, key)


def _terms_of(order: Any) -> list[str | None]:
    billing, shipping = _address(order.billing_address), _address(order.shipping_address)
    terms = [
        order.number,
        order.external_reference,
        "#" + order.shop_number.removeprefix("#") if order.shop_number else None,
        order.customer_name,
        order.customer_company,
        order.customer_email or order.customer_unusable_email,
        *code_spellings(order.customer_organisation_number),
    ]
    for phone in (order.customer_phone, shipping.get("phone"), billing.get("phone")):
        terms += [phone, *phone_search.stored_spellings(phone)]
    terms.append(shipping.get("name"))
    for address in (shipping, billing):
        terms += [address.get(field) for field in ("company", "pickup_point", "street", "street2")]
        terms += [*code_spellings(address.get("postal_code")), address.get("city")]
    return terms


def _address(stored: Any) -> dict[str, str | None]:
    return json.loads(stored) if isinstance(stored, str) else stored or {}
