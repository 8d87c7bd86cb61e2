"""Lists of a status and a payment method, and of a status and a carrier, are read from an index of both

A tracking code repeats the status of its order. Triggers keep it, so that no program has to. Nearly all codes are of
shipped orders, which is the default: no table is written anew, and only the codes of other orders are updated.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_orders_status_payment_method_placed_at_id": ("orders", ["status", "payment_method", "placed_at", "id"]),
    "ix_tracking_codes_carrier_order_status_placed_at_order_id": (
        "tracking_codes",
        ["carrier", "order_status", "placed_at", "order_id"],
    ),
}
REPEAT_STATUS = """
    update tracking_codes set order_status = orders.status from orders
    where orders.id = tracking_codes.order_id and orders.status <> 'shipped'
"""
ON_POSTGRESQL = [
    """create function tracking_codes_add() returns trigger language plpgsql as $$ begin
      new.order_status := (select status from orders where id = new.order_id);
      return new;
    end $$""",
    """create trigger tracking_codes_add before insert on tracking_codes
      for each row execute function tracking_codes_add()""",
    """create function tracking_codes_change() returns trigger language plpgsql as $$ begin
      update tracking_codes set order_status = new.status
      where shipment_id in (select id from shipments where order_id = new.id);
      return null;
    end $$""",
    """create trigger tracking_codes_change after update of status on orders
      for each row when (old.status <> new.status) execute function tracking_codes_change()""",
]
OFF_POSTGRESQL = [
    "drop trigger tracking_codes_change on orders",
    "drop trigger tracking_codes_add on tracking_codes",
    "drop function tracking_codes_change, tracking_codes_add",
]
ON_SQLITE = [
    """create trigger tracking_codes_add after insert on tracking_codes begin
      update tracking_codes set order_status = (select status from orders where id = new.order_id) where id = new.id;
    end""",
    """create trigger tracking_codes_change after update of status on orders when old.status <> new.status begin
      update tracking_codes set order_status = new.status
      where shipment_id in (select id from shipments where order_id = new.id);
    end""",
]
OFF_SQLITE = ["drop trigger tracking_codes_change", "drop trigger tracking_codes_add"]


def upgrade() -> None:
    # Not in batch mode: SQLite would have to copy the table.
    op.add_column("tracking_codes", sa.Column("order_status", sa.String(), nullable=False, server_default="shipped"))
    op.execute(REPEAT_STATUS)
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)
    for statement in ON_POSTGRESQL if _on_postgresql() else ON_SQLITE:
        op.execute(statement)


def downgrade() -> None:
    for statement in OFF_POSTGRESQL if _on_postgresql() else OFF_SQLITE:
        op.execute(statement)
    for name, (table, _columns) in INDEXES.items():
        op.drop_index(name, table)
    op.drop_column("tracking_codes", "order_status")


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
