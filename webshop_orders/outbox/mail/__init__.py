"""Delivering mail over SMTP."""
