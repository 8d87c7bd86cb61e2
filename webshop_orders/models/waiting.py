"""The lines that wait for stock, for queries, and the sequence in which they get it (rule 35)."""

from sqlalchemy import ColumnElement, literal_column

from webshop_orders.models.line import Line
from webshop_orders.models.order import Order

# Written out, since databases read the partial index of waiting lines only for exactly this.
IS_WAITING: ColumnElement[bool] = Line.waiting > literal_column("0")
# True of each: without statistics, SQLite would rather read the index of all lines of a product, which is narrower.
IS_PLACED: ColumnElement[bool] = Line.placed_at > literal_column("'0001-01-01'")
# Those put before others first, and of these the oldest.
SEQUENCE_OF_ORDERS = (Order.is_prioritised.desc(), Order.placed_at, Order.id)
# Lines of one order as they stand in it.
SEQUENCE = (*SEQUENCE_OF_ORDERS, Line.id)
