"""Products: what is in stock, which orders wait for what, and what is expected."""
