"""Batches: lists of orders that are worked on together, made by selecting orders, one transaction each (rule 27)."""
