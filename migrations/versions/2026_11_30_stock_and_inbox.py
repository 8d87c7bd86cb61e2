"""Stock that is seen: movements, counts, incoming deliveries and priorities; and the inbox of what needs a person"""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from webshop_orders.text.folding import sort_key
from webshop_orders.text.search import code_spellings, search_text

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STRICT: dict[str, Any] = {"sqlite_strict": True}
IDS_USED_ONCE = {"batches"}  # and so after they are recreated

EVENTS = (
    "order_placed",
    "order_imported",
    "order_cancelled",
    "order_restored",
    "customer_changed",
    "line_added",
    "line_changed",
    "line_removed",
    "line_split",
    "backordered_split",
    "shipment_shipped",
    "shipment_reopened",
    "shipment_delivered",
    "status_set",
    "tracking_added",
    "tracking_removed",
    "comment_added",
    "confirmation_sent",
    "message_queued_again",
    "message_resent",
    "message_settled",
    "backorder_covered",
    "cover_withdrawn",
    "payment_changed",
    "shop_differs",
    "shop_settled",
    "personal_data_erased",
    "units_rearranged",
    "shipping_changed",
    "changes_undone",
    "changes_redone",
    "tracking_corrected",
    "document_printed",
    "shipment_packed",
    "order_held",
    "hold_released",
    "return_registered",
    "return_received",
    "return_closed",
    "refund_requested",
    "refund_done",
    "refund_cancelled",
    "payment_registered",
    "withdrawal_received",
    "withdrawal_handled",
    "shipment_uncollected",
    "shipment_sent_back",
)
NEW_EVENTS = ("order_prioritised", "whole_delivery_set", "backorder_notice_sent", "comment_read")
MAILS = (
    "order_confirmation",
    "delivery_confirmation",
    "order_changed",
    "comment",
    "shop_notification",
    "return_registered",
    "credit_note",
    "withdrawal_receipt",
)
NEW_MAILS = ("backorder_notice",)
MAIL_TABLES = ("messages", "mail_templates")
ACTIONS = ("ship", "send_confirmation", "set_status", "cancel", "add_tracking", "undo")
NEW_ACTIONS = ("send_backorder_notice",)
ACTORS = ("staff", "customer", "integration", "system")
REASONS = (
    "opening",
    "shipped",
    "reopened",
    "returned",
    "return_undone",
    "received",
    "counted",
    "waste",
    "damaged",
    "own_use",
    "correction",
    "set",
    "other",
)
INBOX_KINDS = (
    "failed_mail",
    "sent_without_code",
    "code_without_shipping",
    "ready_too_long",
    "shop_differs",
    "delivery_refused",
    "webhook_off",
    "to_refund",
    "to_charge",
    "customer_comment",
    "hold_ended",
    "dispatch_check",
    "withdrawal",
    "incoming_call",
)
FIGURES = ("shipped", "waiting")
WAITING = "('ready', 'backordered', 'partly_shipped')"
# What the worker looks at: what is open, has money to give back or to charge, differs from its shop, or left lately
# without a code. Nothing else can need a person, so that the history of years is passed over.
NEEDS_A_LOOK = """
  status in {waiting}
  or (paid > 0 and paid <> case when cancelled_at is not null then 0 else total - coalesce(credited, 0) end)
  or cast(shop_differences as text) not in ('[]', 'null')
  or exists (
    select 1 from shipments where order_id = orders.id and shipped_at > {since} and delivered_at is null
      and not exists (select 1 from tracking_codes where shipment_id = shipments.id))"""
TEXTS_RECIPIENTS = ("Budbee", "Instabee", "Airmee")  # and so demand a phone number
NOT_COMPUTED = sa.text("attention is null")
WAITED_FOR = sa.text("backordered > 0")
WAITED_FOR_INDEXES = {
    "ix_products_backordered_id": ["backordered", "id"],
    "ix_products_backordered_sku": ["sku"],
}

# An order says in its column `attention` what of it needs a person; the inbox has a row for each of these. What was put
# aside comes back where it has become another.
ITEMS = """
  insert into inbox_items (kind, subject, order_id, since, due_at, facts, wakes_at, is_shown)
  select {item} from {items} where true
  on conflict (kind, subject) do update set
    since = excluded.since, due_at = excluded.due_at, facts = excluded.facts,
    wakes_at = excluded.wakes_at, is_shown = excluded.is_shown, snoozed_until = null, snoozed_by = null
  where {differs}"""
ON_SQLITE_ITEMS = ITEMS.format(
    item="""
    json_extract(value, '$.kind'), json_extract(value, '$.subject'), new.id, json_extract(value, '$.since'),
    json_extract(value, '$.due_at'), json_extract(value, '$.facts'), json_extract(value, '$.due_at'),
    json_extract(value, '$.due_at') is null""",
    items="json_each(coalesce(new.attention, '[]'))",
    differs="inbox_items.facts <> excluded.facts or inbox_items.since <> excluded.since"
    " or inbox_items.due_at is not excluded.due_at",
)
ON_SQLITE = """
create trigger orders_attention_add after insert on orders when coalesce(new.attention, '[]') <> '[]' begin
{items};
end;
create trigger orders_attention_change after update of attention on orders
when new.attention is not null and old.attention is not new.attention begin
  delete from inbox_items where order_id = new.id and kind in ({order_kinds}) and not exists (
    select 1 from json_each(new.attention) where json_extract(value, '$.kind') = inbox_items.kind
      and json_extract(value, '$.subject') = inbox_items.subject);
{items};
end;
create trigger inbox_items_add after insert on inbox_items when new.is_shown begin
  insert into inbox_counts (kind, count) values (new.kind, 1);
end;
create trigger inbox_items_remove after delete on inbox_items when old.is_shown begin
  insert into inbox_counts (kind, count) values (old.kind, -1);
end;
create trigger inbox_items_change after update of is_shown on inbox_items when old.is_shown <> new.is_shown begin
  insert into inbox_counts (kind, count) values (new.kind, new.is_shown - old.is_shown);
end;
create trigger orders_waiting_add after insert on orders when new.status in {waiting} begin
  insert into hourly_counts (figure, hour, count) values ('waiting', {new_placed}, 1);
end;
create trigger orders_waiting_change after update of status on orders
when (old.status in {waiting}) <> (new.status in {waiting}) begin
  insert into hourly_counts (figure, hour, count)
  values ('waiting', {new_placed}, (new.status in {waiting}) - (old.status in {waiting}));
end;
create trigger shipments_shipped_add after insert on shipments when new.shipped_at is not null begin
  insert into hourly_counts (figure, hour, count) values ('shipped', {new_shipped}, 1);
end;
create trigger shipments_shipped_remove after delete on shipments when old.shipped_at is not null begin
  insert into hourly_counts (figure, hour, count) values ('shipped', {old_shipped}, -1);
end;
create trigger shipments_shipped_change after update of shipped_at on shipments
when old.shipped_at is not new.shipped_at begin
  insert into hourly_counts (figure, hour, count)
  select 'shipped', {old_shipped}, -1 where old.shipped_at is not null;
  insert into hourly_counts (figure, hour, count)
  select 'shipped', {new_shipped}, 1 where new.shipped_at is not null;
end;
"""
TRIGGERS = {
    "orders_attention_add": "orders",
    "orders_attention_change": "orders",
    "inbox_items_add": "inbox_items",
    "inbox_items_remove": "inbox_items",
    "inbox_items_change": "inbox_items",
    "orders_waiting_add": "orders",
    "orders_waiting_change": "orders",
    "shipments_shipped_add": "shipments",
    "shipments_shipped_remove": "shipments",
    "shipments_shipped_change": "shipments",
}
# Those that follow from an order; the others are put into the inbox and taken out of it by what they are about.
ORDER_KINDS = (
    "sent_without_code",
    "code_without_shipping",
    "ready_too_long",
    "shop_differs",
    "to_refund",
    "to_charge",
    "customer_comment",
    "hold_ended",
    "dispatch_check",
    "delivery_refused",
)
ON_POSTGRESQL_ITEMS = ITEMS.format(
    item="item.kind, item.subject, new.id, item.since, item.due_at, item.facts, item.due_at, item.due_at is null",
    items="json_to_recordset(coalesce(new.attention, '[]')) as"
    " item (kind text, subject text, since timestamptz, due_at timestamptz, facts json)",
    differs="inbox_items.facts::text <> excluded.facts::text or inbox_items.since <> excluded.since"
    " or inbox_items.due_at is distinct from excluded.due_at",
)
ON_POSTGRESQL = """
create function orders_attention_add() returns trigger language plpgsql as $$ begin
{items};
  return null;
end $$;
create trigger orders_attention_add after insert on orders
  for each row when (coalesce(new.attention::text, '[]') <> '[]') execute function orders_attention_add();
create function orders_attention_change() returns trigger language plpgsql as $$ begin
  delete from inbox_items where order_id = new.id and kind in ({order_kinds}) and not exists (
    select 1 from json_to_recordset(new.attention) as item (kind text, subject text)
    where item.kind = inbox_items.kind and item.subject = inbox_items.subject);
{items};
  return null;
end $$;
create trigger orders_attention_change after update of attention on orders
  for each row when (new.attention is not null and old.attention::text is distinct from new.attention::text)
  execute function orders_attention_change();
create function inbox_items_count() returns trigger language plpgsql as $$ begin
  if tg_op = 'INSERT' then
    insert into inbox_counts (kind, count) values (new.kind, 1);
  elsif tg_op = 'DELETE' then
    insert into inbox_counts (kind, count) values (old.kind, -1);
  else
    insert into inbox_counts (kind, count) values (new.kind, new.is_shown::int - old.is_shown::int);
  end if;
  return null;
end $$;
create trigger inbox_items_add after insert on inbox_items
  for each row when (new.is_shown) execute function inbox_items_count();
create trigger inbox_items_remove after delete on inbox_items
  for each row when (old.is_shown) execute function inbox_items_count();
create trigger inbox_items_change after update of is_shown on inbox_items
  for each row when (old.is_shown <> new.is_shown) execute function inbox_items_count();
create function orders_waiting_add() returns trigger language plpgsql as $$ begin
  insert into hourly_counts (figure, hour, count)
  select 'waiting', date_trunc('hour', placed_at, 'UTC'), count(*) from added
  where status in {waiting} group by 2;
  return null;
end $$;
create trigger orders_waiting_add after insert on orders referencing new table as added
  for each statement execute function orders_waiting_add();
create function orders_waiting_change() returns trigger language plpgsql as $$ begin
  insert into hourly_counts (figure, hour, count) values ('waiting', date_trunc('hour', new.placed_at, 'UTC'),
    (new.status in {waiting})::int - (old.status in {waiting})::int);
  return null;
end $$;
create trigger orders_waiting_change after update of status on orders
  for each row when ((old.status in {waiting}) <> (new.status in {waiting})) execute function orders_waiting_change();
create function shipments_shipped_add() returns trigger language plpgsql as $$ begin
  insert into hourly_counts (figure, hour, count)
  select 'shipped', date_trunc('hour', shipped_at, 'UTC'), count(*) from added
  where shipped_at is not null group by 2;
  return null;
end $$;
create trigger shipments_shipped_add after insert on shipments referencing new table as added
  for each statement execute function shipments_shipped_add();
create function shipments_shipped_remove() returns trigger language plpgsql as $$ begin
  insert into hourly_counts (figure, hour, count) values ('shipped', {old_shipped}, -1);
  return null;
end $$;
create trigger shipments_shipped_remove after delete on shipments
  for each row when (old.shipped_at is not null) execute function shipments_shipped_remove();
create function shipments_shipped_change() returns trigger language plpgsql as $$ begin
  insert into hourly_counts (figure, hour, count)
  select 'shipped', date_trunc('hour', old.shipped_at, 'UTC'), -1 where old.shipped_at is not null union all
  select 'shipped', date_trunc('hour', new.shipped_at, 'UTC'), 1 where new.shipped_at is not null;
  return null;
end $$;
create trigger shipments_shipped_change after update of shipped_at on shipments
  for each row when (old.shipped_at is distinct from new.shipped_at) execute function shipments_shipped_change();
"""
FUNCTIONS = (
    "orders_attention_add",
    "orders_attention_change",
    "inbox_items_count",
    "orders_waiting_add",
    "orders_waiting_change",
    "shipments_shipped_add",
    "shipments_shipped_remove",
    "shipments_shipped_change",
)
STATEMENTS_END = ";\n"
# What the list of products is searched in: on PostgreSQL a table of its own, so that a change of stock does not write
# its index anew.
PRODUCT_SEARCH_ON_POSTGRESQL = """
create table product_search (product_id bigint primary key, words text not null);
insert into product_search select id, list_text from products;
create index ix_product_search_words on product_search using gin (words gin_trgm_ops) with (fastupdate = off);
create function product_search_add() returns trigger language plpgsql as $$ begin
  insert into product_search select id, list_text from added;
  return null;
end $$;
create trigger product_search_add after insert on products referencing new table as added
  for each statement execute function product_search_add();
create function product_search_change() returns trigger language plpgsql as $$ begin
  update product_search set words = new.list_text where product_id = new.id;
  return null;
end $$;
create trigger product_search_change after update of list_text on products
  for each row when (old.list_text <> new.list_text) execute function product_search_change();
"""
# https://sqlite.org/fts5.html#external_content_tables: an entry is taken out by saying what it was.
PRODUCT_SEARCH_ON_SQLITE = """
create virtual table product_search using fts5(list_text, content='products', content_rowid='id', tokenize='trigram');
insert into product_search (product_search) values ('rebuild');
create trigger product_search_add after insert on products begin
  insert into product_search (rowid, list_text) values (new.id, new.list_text);
end;
create trigger product_search_change after update of list_text on products when old.list_text <> new.list_text begin
  insert into product_search (product_search, rowid, list_text) values ('delete', old.id, old.list_text);
  insert into product_search (rowid, list_text) values (new.id, new.list_text);
end;
"""
NO_SHELF_PLACE = "~"
PRODUCT_SORT_COLUMNS = ("sku_sort_key", "name_sort_key", "shelf_sort_key")
PRODUCT_FILTERS = {
    "backordered": ("backordered > 0", "backordered > 0"),
    "sold_out": ("stock <= 0", "stock <= 0"),
    "untracked": ("stock is null", "stock is null"),
    "inactive": ("not active", "active = 0"),
}
PRODUCTS = "select id, sku, name, shelf_place, barcode from products where id > :last order by id limit :size"
BATCH_SIZE = 5_000


def upgrade() -> None:
    _constrain("events", "kind", "eventkind", EVENTS + NEW_EVENTS)
    for table in MAIL_TABLES:
        _constrain(table, "kind", "messagekind", MAILS + NEW_MAILS)
    _constrain("batches", "action", "batchaction", ACTIONS + NEW_ACTIONS)
    op.add_column("products", sa.Column("version", NUMBER, nullable=False, server_default="1"))
    op.add_column("products", sa.Column("stock_version", NUMBER, nullable=False, server_default="0"))
    op.add_column("products", sa.Column("next_delivery_on", sa.String(), nullable=True))
    op.add_column("lines", sa.Column("waiting", NUMBER, nullable=False, server_default="0"))
    op.add_column("lines", sa.Column("promised_on", sa.String(), nullable=True))
    op.add_column("shipments", sa.Column("ready_since", MOMENT, nullable=True))
    op.add_column("orders", sa.Column("ships_whole", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("orders", sa.Column("priority", sa.JSON(), nullable=True))
    op.add_column("orders", sa.Column("is_prioritised", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("orders", sa.Column("has_unread_comment", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("orders", sa.Column("attention", sa.JSON(), nullable=True))
    with op.batch_alter_table("shop", table_kwargs=STRICT) as shop:
        shop.add_column(sa.Column("ships_whole_by_default", sa.Boolean(), nullable=False, server_default=sa.false()))
        shop.add_column(sa.Column("ready_days", NUMBER, nullable=False, server_default="3"))
        shop.add_column(sa.Column("dispatch_checks", sa.JSON(), nullable=False, server_default="{}"))
        shop.create_check_constraint(op.f("ck_shop_ready_days"), "ready_days between 1 and 60")
    _create_stock_tables()
    _create_inbox_tables()
    _list_products()
    _fill()
    waiting = sa.text("waiting > 0")
    op.create_index(
        "ix_lines_waiting",
        "lines",
        ["product_id", "placed_at", "order_id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.drop_index("ix_products_backordered", "products")
    for name, columns in WAITED_FOR_INDEXES.items():
        op.create_index(name, "products", columns, sqlite_where=WAITED_FOR, postgresql_where=WAITED_FOR)
    is_waiting = sa.text(f"status in {WAITING}")
    op.create_index(
        "ix_orders_waiting_placed_at_id",
        "orders",
        ["placed_at", "id"],
        sqlite_where=is_waiting,
        postgresql_where=is_waiting,
    )
    op.create_index("ix_orders_attention", "orders", ["id"], sqlite_where=NOT_COMPUTED, postgresql_where=NOT_COMPUTED)
    for statement in _statements(_triggers()):
        op.execute(sa.text(statement.replace(":", r"\:")))


def downgrade() -> None:
    """Lose what the older order desk does not know of."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for trigger, table in TRIGGERS.items():
        op.execute(f"drop trigger {trigger} on {table}" if on_postgresql else f"drop trigger {trigger}")
    if on_postgresql:
        op.execute(f"drop function {', '.join(FUNCTIONS)}")
    _unlist_products(on_postgresql)
    op.drop_index("ix_orders_attention", "orders")
    op.drop_index("ix_orders_waiting_placed_at_id", "orders")
    op.drop_index("ix_lines_waiting", "lines")
    for name in WAITED_FOR_INDEXES:
        op.drop_index(name, "products")
    op.create_index("ix_products_backordered", "products", ["id"], sqlite_where=WAITED_FOR, postgresql_where=WAITED_FOR)
    for table in ("hourly_counts", "inbox_counts", "inbox_items"):
        op.drop_table(table)
    for table in ("stock_movements", "incoming_deliveries", "product_events"):
        op.drop_table(table)
    with op.batch_alter_table("shop", table_kwargs=STRICT) as shop:
        shop.drop_constraint(op.f("ck_shop_ready_days"), type_="check")
        for name in ("dispatch_checks", "ready_days", "ships_whole_by_default"):
            shop.drop_column(name)
    for name in ("attention", "has_unread_comment", "is_prioritised", "priority", "ships_whole"):
        op.drop_column("orders", name)
    _change_carriers(lambda carrier: {name: value for name, value in carrier.items() if name != "demands_phone"})
    op.drop_column("shipments", "ready_since")
    for name in ("promised_on", "waiting"):
        op.drop_column("lines", name)
    for name in ("next_delivery_on", "stock_version", "version"):
        op.drop_column("products", name)
    tried = f"select id from messages where kind in ('{NEW_MAILS[0]}')"  # noqa: S608 - all are written above
    op.execute(f"delete from attempts where message_id in ({tried})")  # noqa: S608
    for table in MAIL_TABLES:
        _forget(table, "kind", NEW_MAILS)
    _forget("events", "kind", NEW_EVENTS)
    op.execute(f"update batches set action = null where action = '{NEW_ACTIONS[0]}'")  # noqa: S608
    _constrain("batches", "action", "batchaction", ACTIONS)
    for table in MAIL_TABLES:
        _constrain(table, "kind", "messagekind", MAILS)
    _constrain("events", "kind", "eventkind", EVENTS)


def _create_stock_tables() -> None:
    op.create_table(
        "product_events",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("product_id", NUMBER, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        *_who_and_when(),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_events")),
        sa.UniqueConstraint("product_id", "version", name=op.f("uq_product_events_product_id_version")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_product_events_product_id")),
        **STRICT,
    )
    op.create_table(
        "incoming_deliveries",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("product_id", NUMBER, nullable=False),
        sa.Column("quantity", NUMBER, nullable=False),
        sa.Column("received", NUMBER, nullable=False),
        sa.Column("expected_on", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("request_key", sa.String(), nullable=True),
        sa.UniqueConstraint("request_key", name=op.f("uq_incoming_deliveries_request_key")),
        sa.CheckConstraint("quantity > 0 and received >= 0", name=op.f("ck_incoming_deliveries_quantity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_deliveries")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_incoming_deliveries_product_id")),
        sqlite_autoincrement=True,
        **STRICT,
    )
    expected = sa.text("closed_at is null")
    for name, columns in (
        ("ix_incoming_deliveries_expected", ["product_id", "expected_on", "id"]),
        ("ix_incoming_deliveries_expected_on_id", ["expected_on", "id"]),
    ):
        op.create_index(name, "incoming_deliveries", columns, sqlite_where=expected, postgresql_where=expected)
    op.create_index("ix_incoming_deliveries_closed_at_id", "incoming_deliveries", ["closed_at", "id"])
    op.create_table(
        "stock_movements",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("product_id", NUMBER, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        *_who_and_when(),
        sa.Column("quantity", NUMBER, nullable=False),
        sa.Column("stock", NUMBER, nullable=True),
        sa.Column("reason", _enum(REASONS, "movementreason"), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("order_id", NUMBER, nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("incoming_delivery_id", NUMBER, nullable=True),
        sa.Column("request_key", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movements")),
        sa.UniqueConstraint("product_id", "version", name=op.f("uq_stock_movements_product_id_version")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_stock_movements_product_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_stock_movements_order_id")),
        sa.ForeignKeyConstraint(
            ["incoming_delivery_id"], ["incoming_deliveries.id"], name=op.f("fk_stock_movements_incoming_delivery_id")
        ),
        **STRICT,
    )
    has_key = sa.text("request_key is not null")
    op.create_index(
        "ix_stock_movements_request_key",
        "stock_movements",
        ["request_key", "product_id"],
        unique=True,
        sqlite_where=has_key,
        postgresql_where=has_key,
    )


def _create_inbox_tables() -> None:
    op.create_table(
        "inbox_items",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", _enum(INBOX_KINDS, "inboxkind"), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("order_id", NUMBER, nullable=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("wakes_at", MOMENT, nullable=True),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("snoozed_until", MOMENT, nullable=True),
        sa.Column("snoozed_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_items")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_inbox_items_kind_subject")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_inbox_items_order_id")),
        sqlite_autoincrement=True,
        **STRICT,
    )
    op.create_index("ix_inbox_items_order_id", "inbox_items", ["order_id"])
    for name, columns, on_postgresql, on_sqlite in (
        ("ix_inbox_items_shown", ["kind", "since", "id"], "is_shown", "is_shown = 1"),
        ("ix_inbox_items_wakes_at", ["wakes_at"], "not is_shown", "is_shown = 0"),
        ("ix_inbox_items_put_aside", ["snoozed_until", "id"], *2 * ("snoozed_until is not null",)),
    ):
        op.create_index(
            name, "inbox_items", columns, postgresql_where=sa.text(on_postgresql), sqlite_where=sa.text(on_sqlite)
        )
    op.create_table(
        "inbox_counts",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", _enum(INBOX_KINDS, "inboxkind"), nullable=False),
        sa.Column("count", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_counts")),
        **STRICT,
    )
    op.create_index("ix_inbox_counts_kind", "inbox_counts", ["kind"])
    op.create_table(
        "hourly_counts",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("figure", _enum(FIGURES, "figure"), nullable=False),
        sa.Column("hour", MOMENT, nullable=False),
        sa.Column("count", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hourly_counts")),
        **STRICT,
    )
    op.create_index("ix_hourly_counts_figure_hour", "hourly_counts", ["figure", "hour"])


def _list_products() -> None:
    """Give products what their list is searched and sorted by."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    collated = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.add_column("products", sa.Column("list_text", sa.String(), nullable=False, server_default=""))
    for name in PRODUCT_SORT_COLUMNS[:2]:
        op.add_column("products", sa.Column(name, collated, nullable=False, server_default=""))
    op.add_column("products", sa.Column("shelf_sort_key", collated, nullable=False, server_default=NO_SHELF_PLACE))
    _fill_product_keys()
    for column in PRODUCT_SORT_COLUMNS:
        op.create_index(f"ix_products_{column}_id", "products", [column, "id"])
    tracked = sa.text("stock is not null")
    op.create_index("ix_products_stock_id", "products", ["stock", "id"], postgresql_where=tracked, sqlite_where=tracked)
    for name, (where_on_postgresql, where_on_sqlite) in PRODUCT_FILTERS.items():
        op.create_index(
            f"ix_products_{name}_by_sku",
            "products",
            ["sku_sort_key", "id"],
            postgresql_where=sa.text(where_on_postgresql),
            sqlite_where=sa.text(where_on_sqlite),
        )
    for statement in _statements(PRODUCT_SEARCH_ON_POSTGRESQL if on_postgresql else PRODUCT_SEARCH_ON_SQLITE):
        op.execute(sa.text(statement.replace(":", r"\:")))


def _fill_product_keys() -> None:
    last, bind = 0, op.get_bind()
    change = sa.text(
        "update products set list_text = :list_text, sku_sort_key = :sku_sort_key, name_sort_key = :name_sort_key,"
        " shelf_sort_key = :shelf_sort_key where id = :id"
    )
    while rows := bind.execute(sa.text(PRODUCTS), {"last": last, "size": BATCH_SIZE}).all():
        bind.execute(
            change,
            [
                {
                    "id": row.id,
                    "list_text": search_text(
                        [f"{row.name} {row.sku}", *code_spellings(row.shelf_place), *code_spellings(row.barcode)]
                    ),
                    "sku_sort_key": sort_key(row.sku),
                    "name_sort_key": sort_key(row.name),
                    "shelf_sort_key": sort_key(row.shelf_place) if row.shelf_place else NO_SHELF_PLACE,
                }
                for row in rows
            ],
        )
        last = rows[-1].id


def _unlist_products(on_postgresql: bool) -> None:
    for trigger in ("product_search_change", "product_search_add"):
        op.execute(f"drop trigger {trigger} on products" if on_postgresql else f"drop trigger {trigger}")
    if on_postgresql:
        op.execute("drop function product_search_change, product_search_add")
    op.execute("drop table product_search")
    for name in PRODUCT_FILTERS:
        op.drop_index(f"ix_products_{name}_by_sku", "products")
    for column in (*PRODUCT_SORT_COLUMNS, "stock"):
        op.drop_index(f"ix_products_{column}_id", "products")
    for name in ("shelf_sort_key", "name_sort_key", "sku_sort_key", "list_text"):
        op.drop_column("products", name)


def _fill() -> None:
    """Give the rows there are what follows from them; what needs a person is computed by the worker."""
    is_open = "shipments.status <> 'shipped' and orders.cancelled_at is null"
    of_line = "select 1 from shipments join orders on orders.id = shipments.order_id where shipments.id = "
    op.execute(
        f"update lines set waiting = quantity - reserved where reserved < quantity "  # noqa: S608
        f"and exists ({of_line} lines.shipment_id and {is_open})"
    )
    op.execute(
        f"update shipments set ready_since = (select placed_at from orders where orders.id = order_id) "  # noqa: S608
        f"where status = 'ready' and exists (select 1 from orders where orders.id = order_id and {is_open})"
    )
    of_customer = "from_customer and comments.order_id = orders.id"
    answer = "answer.order_id = orders.id and answer.id > comments.id and answer.mailed and not answer.from_customer"
    op.execute(
        f"update orders set has_unread_comment = true where status in {WAITING} and exists (select 1 from comments "  # noqa: S608
        f"where {of_customer} and not exists (select 1 from comments as answer where {answer}))"
    )
    _change_carriers(lambda carrier: {**carrier, "demands_phone": carrier["name"] in TEXTS_RECIPIENTS})
    needs_a_look = NEEDS_A_LOOK.format(waiting=WAITING, since=_days_ago(30))
    op.execute(f"update orders set attention = '[]' where not ({needs_a_look})")  # noqa: S608
    op.execute(
        f"insert into stock_movements (product_id, version, at, actor_kind, actor_name, quantity, stock, reason) "  # noqa: S608
        f"select id, 1, {_now()}, 'system', 'system', stock, stock, 'opening' from products where stock is not null"
    )
    op.execute("update products set stock_version = 1 where stock is not null")
    for figure, column, table, condition in (
        ("waiting", "placed_at", "orders", f"status in {WAITING}"),
        ("shipped", "shipped_at", "shipments", "shipped_at is not null"),
    ):
        op.execute(
            f"insert into hourly_counts (figure, hour, count) "  # noqa: S608
            f"select '{figure}', {_hour(column)}, count(*) from {table} where {condition} group by 2"
        )


def _change_carriers(change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    connection = op.get_bind()
    cast = "cast(:carriers as json)" if connection.dialect.name == "postgresql" else ":carriers"
    for shop_id, stored in connection.execute(sa.text("select id, carriers from shop")).all():
        carriers = json.loads(stored) if isinstance(stored, str) else stored
        changed = json.dumps([change(carrier) for carrier in carriers])
        update = sa.text(f"update shop set carriers = {cast} where id = :id")  # noqa: S608
        connection.execute(update, {"carriers": changed, "id": shop_id})


def _triggers() -> str:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    script = ON_POSTGRESQL if on_postgresql else ON_SQLITE
    parts = {
        "items": ON_POSTGRESQL_ITEMS if on_postgresql else ON_SQLITE_ITEMS,
        "order_kinds": ", ".join(map(repr, ORDER_KINDS)),
        "waiting": WAITING,
        **{f"{row}_{at}": _hour(f"{row}.{at}_at") for row in ("old", "new") for at in ("placed", "shipped")},
    }
    for name, part in parts.items():
        script = script.replace("{" + name + "}", part)
    return script


def _hour(column: str) -> str:
    if op.get_bind().dialect.name == "postgresql":
        return f"date_trunc('hour', {column}, 'UTC')"
    return f"substr({column}, 1, 13) || ':00:00.000000'"


def _now() -> str:
    if op.get_bind().dialect.name == "postgresql":
        return "now()"
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


def _days_ago(days: int) -> str:
    if op.get_bind().dialect.name == "postgresql":
        return f"now() - interval '{days} days'"
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', '-{days} days')"


def _who_and_when() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_kind", _enum(ACTORS, "actorkind"), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("user_id", NUMBER, nullable=True),
    )


def _statements(script: str) -> list[str]:
    """The statements of a script; the bodies of functions and triggers are indented."""
    parts, statements = script.strip().split(STATEMENTS_END), [""]
    for part in parts:
        statements[-1] += part
        if part.rsplit("\n", 1)[-1].startswith(" "):
            statements[-1] += STATEMENTS_END
        else:
            statements.append("")
    return [statement.removesuffix(";") for statement in statements if statement.strip()]


def _enum(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=30)


def _constrain(table: str, column: str, name: str, values: tuple[str, ...]) -> None:
    kwargs = STRICT | {"sqlite_autoincrement": table in IDS_USED_ONCE}
    with op.batch_alter_table(table, table_kwargs=kwargs) as constrained:
        constrained.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        constrained.create_check_constraint(op.f(f"ck_{table}_{name}"), f"{column} in {values}")


def _forget(table: str, column: str, values: tuple[str, ...]) -> None:
    written = ", ".join(map(repr, values))
    op.execute(f"delete from {table} where {column} in ({written})")  # noqa: S608
