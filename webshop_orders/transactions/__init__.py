"""Transactions: one change, one commit."""
