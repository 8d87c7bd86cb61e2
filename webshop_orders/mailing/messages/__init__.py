"""Mails, written and queued in the outbox."""
