"""When what orders wait for is expected, for operations and pages; mails and documents read it from the same place."""

from webshop_orders.expected_days import last, of_lines, of_order, of_orders

__all__ = ["last", "of_lines", "of_order", "of_orders"]
