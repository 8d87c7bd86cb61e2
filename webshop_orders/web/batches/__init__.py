"""Batches: selecting orders in the list, what is done to them together, and what became of it."""
