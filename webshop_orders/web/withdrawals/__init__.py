"""Withdrawals: the public form that customers state them by, and the pages on which staff settle them."""
