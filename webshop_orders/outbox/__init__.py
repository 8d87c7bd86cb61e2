"""Delivering what is in the outbox: claim, send, note what became of it."""
