"""Connectors: orders of other shops, and notifications of shipping systems."""
