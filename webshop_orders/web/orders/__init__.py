"""The list of orders, and the pages of one."""
