"""Imports of files: orders and products, in batches that are transactions of their own."""
