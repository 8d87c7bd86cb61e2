"""What the list sorts, filters and searches by, how many orders have which status, and what replicas are measured by"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from webshop_orders.text.folding import sort_key

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
SORTED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
STRICT: dict[str, Any] = {"sqlite_strict": True}
STATUSES = ["ready", "backordered", "partly_shipped", "shipped", "cancelled"]
AT_ONCE = 5_000

ORDER_INDEXES = [
    ["payment_method", "placed_at", "id"],
    ["email_key"],
    ["phone_key"],
    *([*status, key, "id"] for key in ("number_key", "customer_key", "total") for status in ([], ["status"])),
]
KEYS = ["number_key", "customer_key", "email_key", "phone_key"]
FINDS_ORDERS = {"lines": "sku", "tracking_codes": "carrier"}

# Search looks through a table of its own, so that a change of status does not write its index anew. Shares of 65 536
# orders are part of that index: the newest are looked through first, and usually they are enough.
ON_POSTGRESQL = """
create extension if not exists pg_trgm;
create extension if not exists btree_gin;
create table order_search (order_id bigint primary key, words text not null);
create index ix_order_search_words on order_search using gin ((order_id >> 16), words gin_trgm_ops)
  with (fastupdate = off);

create function order_search_add() returns trigger language plpgsql as $$ begin
  insert into order_search select id, search_text from added;
  return null;
end $$;
create trigger order_search_add after insert on orders referencing new table as added
  for each statement execute function order_search_add();
create function order_search_change() returns trigger language plpgsql as $$ begin
  update order_search set words = new.search_text where order_id = new.id;
  return null;
end $$;
create trigger order_search_change after update of search_text on orders
  for each row when (old.search_text <> new.search_text) execute function order_search_change();

create function order_counts_add() returns trigger language plpgsql as $$ begin
  insert into order_counts (status, count) select status, count(*) from added group by status;
  return null;
end $$;
create trigger order_counts_add after insert on orders referencing new table as added
  for each statement execute function order_counts_add();
create function order_counts_change() returns trigger language plpgsql as $$ begin
  insert into order_counts (status, count) values (old.status, -1), (new.status, 1);
  return null;
end $$;
create trigger order_counts_change after update of status on orders
  for each row when (old.status <> new.status) execute function order_counts_change();

insert into order_search select id, search_text from orders
"""
OFF_POSTGRESQL = """
drop trigger order_counts_change on orders;
drop trigger order_counts_add on orders;
drop trigger order_search_change on orders;
drop trigger order_search_add on orders;
drop function order_counts_change, order_counts_add, order_search_change, order_search_add;
drop table order_search
"""
# https://sqlite.org/fts5.html#external_content_tables: an entry is taken out by saying what it was.
ON_SQLITE = """
create virtual table order_search using fts5(search_text, content='orders', content_rowid='id', tokenize='trigram');
create trigger order_search_add after insert on orders begin
  insert into order_search (rowid, search_text) values (new.id, new.search_text);
end;
create trigger order_search_change after update of search_text on orders when old.search_text <> new.search_text begin
  insert into order_search (order_search, rowid, search_text) values ('delete', old.id, old.search_text);
  insert into order_search (rowid, search_text) values (new.id, new.search_text);
end;
create trigger order_counts_add after insert on orders begin
  insert into order_counts (status, count) values (new.status, 1);
end;
create trigger order_counts_change after update of status on orders when old.status <> new.status begin
  insert into order_counts (status, count) values (old.status, -1), (new.status, 1);
end;
insert into order_search (order_search) values ('rebuild')
"""
OFF_SQLITE = """
drop trigger order_counts_change;
drop trigger order_counts_add;
drop trigger order_search_change;
drop trigger order_search_add;
drop table order_search
"""
STATEMENTS_END = ";\n"


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for column in KEYS:
        # Not in batch mode: SQLite would have to drop the table, which others refer to.
        op.add_column("orders", sa.Column(column, SORTED, nullable=False, server_default=""))
    _draw_keys()
    if on_postgresql:
        op.alter_column("orders", "number", type_=SORTED)
        op.alter_column("orders", "external_reference", type_=SORTED)
        op.alter_column("tracking_codes", "code", type_=SORTED)
    for columns in ORDER_INDEXES:
        op.create_index(f"ix_orders_{'_'.join(columns)}", "orders", columns)
    for table, column in FINDS_ORDERS.items():
        _let_find_orders(table, column)
    op.create_index("ix_tracking_codes_code", "tracking_codes", ["code"])
    op.create_table(
        "order_counts",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("status", sa.String(30), nullable=False),
        sa.Column("count", NUMBER, nullable=False),
        sa.CheckConstraint(f"status in ({', '.join(map(repr, STATUSES))})", name=op.f("ck_order_counts_orderstatus")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_counts")),
        **STRICT,
    )
    op.create_index("ix_order_counts_status", "order_counts", ["status"])
    op.execute("insert into order_counts (status, count) select status, count(*) from orders group by status")
    _carry_out(ON_POSTGRESQL if on_postgresql else ON_SQLITE)
    op.add_column("users", sa.Column("changed_at", MOMENT, nullable=True))


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    op.drop_column("users", "changed_at")
    _carry_out(OFF_POSTGRESQL if on_postgresql else OFF_SQLITE)
    op.drop_table("order_counts")
    op.drop_index("ix_tracking_codes_code", "tracking_codes")
    for table, column in FINDS_ORDERS.items():
        op.drop_index(f"ix_{table}_{column}_placed_at_order_id", table)
        with op.batch_alter_table(table, table_kwargs=STRICT) as finds:
            finds.drop_constraint(op.f(f"fk_{table}_order_id"), type_="foreignkey")
            finds.drop_column("placed_at")
            finds.drop_column("order_id")
    for columns in ORDER_INDEXES:
        op.drop_index(f"ix_orders_{'_'.join(columns)}", "orders")
    for column in KEYS:
        op.drop_column("orders", column)


def _draw_keys() -> None:
    """Give the orders there are the keys that they are sorted by."""
    connection, last = op.get_bind(), 0
    chosen = sa.text(
        "select id, number, coalesce(customer_company, customer_name) as customer, "
        "coalesce(customer_email, '') as email, coalesce(customer_phone, '') as phone from orders "
        "where id > :last order by id limit :most"
    )
    keep = sa.text(f"update orders set {', '.join(f'{key} = :{key}' for key in KEYS)} where id = :id")  # noqa: S608
    while rows := connection.execute(chosen, {"last": last, "most": AT_ONCE}).all():
        connection.execute(keep, [{"id": row.id, **_keys_of(row)} for row in rows])
        last = rows[-1].id


def _keys_of(row: Any) -> dict[str, str]:
    digits = "".join(sign for sign in row.phone if sign.isdigit())
    return {
        "number_key": sort_key(row.number),
        "customer_key": sort_key(row.customer),
        "email_key": row.email.casefold(),
        "phone_key": "0" + digits.removeprefix("46") if digits.startswith("46") else digits,
    }


def _let_find_orders(table: str, column: str) -> None:
    with op.batch_alter_table(table, table_kwargs=STRICT) as finds:
        finds.add_column(sa.Column("order_id", NUMBER, nullable=True))
        finds.add_column(sa.Column("placed_at", MOMENT, nullable=True))
    op.execute(
        f"update {table} set (order_id, placed_at) = (select orders.id, orders.placed_at from orders "  # noqa: S608
        f"join shipments on shipments.order_id = orders.id where shipments.id = {table}.shipment_id)"
    )
    with op.batch_alter_table(table, table_kwargs=STRICT) as finds:
        finds.alter_column("order_id", existing_type=NUMBER, nullable=False)
        finds.alter_column("placed_at", existing_type=MOMENT, nullable=False)
        finds.create_foreign_key(op.f(f"fk_{table}_order_id"), "orders", ["order_id"], ["id"])
    op.create_index(f"ix_{table}_{column}_placed_at_order_id", table, [column, "placed_at", "order_id"])


def _carry_out(script: str) -> None:
    for statement in _statements(script):
        op.execute(statement)


def _statements(script: str) -> list[str]:
    """The statements of a script; the bodies of functions and triggers are indented."""
    parts, statements = script.strip().split(STATEMENTS_END), [""]
    for part in parts:
        statements[-1] += part
        if part.rsplit("\n", 1)[-1].startswith(" "):
            statements[-1] += STATEMENTS_END
        else:
            statements.append("")
    return [statement for statement in statements if statement.strip()]
