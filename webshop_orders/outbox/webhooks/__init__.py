"""Delivering webhooks over HTTP."""
