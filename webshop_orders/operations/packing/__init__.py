"""Packing: shipments are packed one after the other with a scanner, and leave as they are complete."""
