"""Mails, rendered and queued in the outbox."""
