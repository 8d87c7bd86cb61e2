"""The list of orders: filters, query plan, pages, saved views and columns."""
