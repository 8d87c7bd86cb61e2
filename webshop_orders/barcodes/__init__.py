"""Barcodes: drawn for paper, and read as scanners send them."""
